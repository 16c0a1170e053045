"""A review of a closing: three questions, and what to do next time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Timestamped, Versioned
from deals.models import Deal, Outcome, Stakeholder
from reviews.querysets import NextTimeQuerySet, ReviewQuerySet
from reviews.states import STANDING_REVIEWS, Factor, NextTimeState, ReviewState, Why


class Review(Versioned):
    """Ten minutes on one closing, won or lost (D1, D2). `due_on` is a day of the owner; `minutes` what it took.

    The three questions (D3): `value`; `voices` with the `people` picked from the deal, who carry role, stance and
    whether they were met (D5); `factors` in order, with `factors_words`.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="reviews")
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.PLANNED)
    due_on = models.DateField(_("due"))
    why = models.CharField(_("why this deal"), max_length=10, choices=Why)
    started_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    minutes = models.PositiveSmallIntegerField(null=True)

    value = models.TextField(_("value, as the customer would put it"), blank=True)
    voices = models.TextField(_("most influential voices"), blank=True)
    people = models.ManyToManyField(Stakeholder, blank=True, related_name="+")
    factors = models.JSONField(_("key factors, in order"), default=list, blank=True)
    factors_words = models.TextField(_("the factors in words"), blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["due_on"], name="review_due", condition=models.Q(state=ReviewState.PLANNED)
            ),
            models.Index(
                fields=["held_at"], name="review_held", condition=models.Q(state=ReviewState.HELD)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"],
                condition=models.Q(state__in=STANDING_REVIEWS),
                name="review_one_of_a_closing",
            ),
            models.CheckConstraint(
                name="review_held_at_iff_held",
                condition=models.Q(state=ReviewState.HELD, held_at__isnull=False)
                | (~models.Q(state=ReviewState.HELD) & models.Q(held_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.get_state_display()}"

    @property
    def is_planned(self) -> bool:
        return self.state == ReviewState.PLANNED

    @property
    def is_price_only(self) -> bool:
        """Price named and nothing beyond it: no answer to the third question (D6)."""
        return bool(self.factors == [Factor.PRICE])

    @property
    def factor_names(self) -> list[str]:
        return [str(Factor(code).label) for code in self.factors if code in Factor.values]


class NextTime(Timestamped):
    """One "next time we will …", with who sees to it (A5)."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="next_times")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("next time we will"), max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="next_times", verbose_name=_("who")
    )
    state = models.CharField(max_length=10, choices=NextTimeState, default=NextTimeState.OPEN)

    objects = NextTimeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text
