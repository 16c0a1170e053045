"""A view of the pipeline that somebody keeps: its filters, its columns, and who else may open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Timestamped
from deals.querysets import SavedViewQuerySet
from deals.states import Sharing

if TYPE_CHECKING:
    from crm.shared.models import User


class SavedView(Timestamped):
    """`query` is the address without the path, as the filters read it, in one order; it names view and columns too."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", editable=False
    )
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(max_length=2000, editable=False)
    shared_with = models.CharField(
        _("shared with"), max_length=10, choices=Sharing, default=Sharing.NOBODY
    )
    is_default = models.BooleanField(_("open the pipeline with it"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["owner"], name="saved_view_one_default", condition=models.Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{reverse('deals:pipeline')}?{self.query}"

    @property
    def view(self) -> str:
        """Board or table."""
        return QueryDict(self.query).get("view", "")

    def is_of(self, user: User) -> bool:
        return self.owner_id == user.pk
