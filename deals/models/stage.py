"""The stages of the pipeline: rows that managers edit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Timestamped, VersionedByContent
from deals.querysets import StageQuerySet
from deals.states import Phase


class Stage(Timestamped, Archivable, VersionedByContent):
    """A step of the pipeline. `probability` is 0–100 %; the plan's default interval is in days (B3).

    `learned_stuck_days`: what 80 % of the won deals spent here at most; None while fewer than 30 were won.
    """

    phase = models.CharField(_("phase"), max_length=20, choices=Phase)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), unique=True)
    probability = models.PositiveSmallIntegerField(_("win probability, %"))
    stuck_after_days = models.PositiveSmallIntegerField(_("stuck after days"), default=30)
    interval_days = models.PositiveSmallIntegerField(_("follow up every … days"), default=7)

    learned_stuck_days = models.PositiveSmallIntegerField(null=True, editable=False)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(probability__lte=100), name="stage_probability_percent"
            ),
        ]

    @property
    def stuck_days(self) -> int:
        """From how many days on a deal is stuck here: as won deals taught, else as somebody set it (rule 11, E2)."""
        return self.learned_stuck_days or self.stuck_after_days

    def __str__(self) -> str:
        return self.name
