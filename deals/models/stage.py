"""The stages of the pipeline: rows that managers edit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Timestamped
from deals.querysets import StageQuerySet
from deals.states import Phase


class Stage(Timestamped, Archivable):
    """A step of the pipeline. `probability` is 0–100 %; the plan's default interval is in days (B3)."""

    phase = models.CharField(_("phase"), max_length=20, choices=Phase)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), unique=True)
    probability = models.PositiveSmallIntegerField(_("win probability, %"))
    stuck_after_days = models.PositiveSmallIntegerField(_("stuck after days"), default=30)
    interval_days = models.PositiveSmallIntegerField(_("follow up every … days"), default=7)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(probability__lte=100), name="stage_probability_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.name
