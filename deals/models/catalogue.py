"""What we sell, and who else sells it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Sample, Timestamped, VersionedByContent
from deals.querysets import CatalogueQuerySet


class Product(Timestamped, Archivable, Sample, VersionedByContent):
    name = models.CharField(_("name"), max_length=200, unique=True)

    objects = CatalogueQuerySet["Product"].as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Competitor(Timestamped, Archivable, Sample, VersionedByContent):
    name = models.CharField(_("name"), max_length=200, unique=True)

    objects = CatalogueQuerySet["Competitor"].as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
