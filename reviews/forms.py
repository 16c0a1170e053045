"""What a person writes into a review, and what a buyer answers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.shared.models import User
from deals.models import LossReason, Stakeholder
from reviews.actions.feedback import Answer
from reviews.actions.reviewing import Draft, Promise
from reviews.models import NextTime, Review
from reviews.states import BEYOND_PRICE, NOT_ASKED, BuyerReason, Factor

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST = 8000
FEWEST_ROWS = 3


class ReviewForm(forms.Form):
    """The three questions and what to do next time, as typed so far: everything may still be empty.

    `up` and `down` name a factor to move by one place: the buttons of those who cannot drag.
    """

    version = forms.IntegerField(required=False, min_value=1)
    value = forms.CharField(required=False, max_length=LONGEST, strip=False)
    voices = forms.CharField(required=False, max_length=LONGEST, strip=False)
    people = forms.ModelMultipleChoiceField(Stakeholder.objects.none(), required=False)
    factors = forms.MultipleChoiceField(choices=Factor.choices, required=False)
    factors_words = forms.CharField(required=False, max_length=LONGEST, strip=False)
    next_times = forms.Field(required=False)  # its rows come as next_text and next_owner
    up = forms.ChoiceField(choices=Factor.choices, required=False)
    down = forms.ChoiceField(choices=Factor.choices, required=False)

    def __init__(self, *args: Any, review: Review, owners: Iterable[User], **kwargs: Any) -> None:
        kwargs["initial"] = self.written(review) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.owners = {str(user.pk): user for user in owners}
        self.promises = list(review.next_times.all())
        people = self.fields["people"]
        assert isinstance(people, forms.ModelMultipleChoiceField)  # noqa: S101  (for the type checker)
        people.queryset = Stakeholder.objects.filter(deal=review.deal_id).select_related("contact")

    @staticmethod
    def written(review: Review) -> dict[str, Any]:
        """What the review holds so far."""
        return {
            "version": review.version,
            "value": review.value,
            "voices": review.voices,
            "people": [person.pk for person in review.people.all()],
            "factors": review.factors,
            "factors_words": review.factors_words,
        }

    def clean_next_times(self) -> list[Promise]:
        promises = [
            Promise(text=text, owner=self.owners.get(owner))
            for text, owner in self.typed_rows
            if text.strip()
        ]
        longest = NextTime._meta.get_field("text").max_length or 0
        if any(len(promise.text) > longest for promise in promises):
            raise ValidationError(_("At most %(n)d characters each.") % {"n": longest})
        return promises

    @property
    def typed_rows(self) -> list[tuple[str, str]]:
        """Text and owner's id of each row that was sent."""
        sent = cast("QueryDict", self.data)
        texts, owners = sent.getlist("next_text"), sent.getlist("next_owner")
        return list(zip(texts, owners, strict=False))

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The rows to show: what is written, an empty one below, and three at least."""
        rows = (
            [(text, owner) for text, owner in self.typed_rows if text.strip()]
            if self.is_bound
            else [(promise.text, str(promise.owner_id)) for promise in self.promises]
        )
        empty = max(1, FEWEST_ROWS - len(rows))
        return rows + [("", "")] * empty

    @property
    def ordered_factors(self) -> list[tuple[str, str, int]]:
        """All factors as (code, label, place): those chosen in their order, then the others with place 0."""
        chosen = [code for code in self["factors"].value() or [] if code in Factor.values]
        others = [code for code in Factor.values if code not in chosen]
        places = [*enumerate(chosen, start=1), *((0, code) for code in others)]
        return [(code, str(Factor(code).label), place) for place, code in places]

    def draft(self) -> Draft:
        """What goes to the action."""
        data = self.cleaned_data
        return Draft(
            value=data["value"],
            voices=data["voices"],
            people=[person.pk for person in data["people"]],
            factors=moved(data["factors"], up=data["up"], down=data["down"]),
            factors_words=data["factors_words"],
            next_times=data["next_times"],
        )


def moved(codes: Sequence[str], *, up: str = "", down: str = "") -> list[str]:
    """`codes` with one of them a place further up or down; at the end of the list it stays."""
    order = list(codes)
    for code, step in ((up, -1), (down, 1)):
        if code in order:
            place = order.index(code)
            target = min(max(place + step, 0), len(order) - 1)
            order.insert(target, order.pop(place))
    return order


# ---- the buyer -----------------------------------------------------------------------------------

AGAIN = [
    ("no", gettext_lazy("No, thank you")),
    ("3", gettext_lazy("Yes, in about three months")),
    ("6", gettext_lazy("Yes, in about six months")),
    ("12", gettext_lazy("Yes, in about a year")),
]
SHOW_NAME = [
    ("yes", gettext_lazy("Yes, show my name")),
    ("no", gettext_lazy("No, keep it without a name")),
]
WORDS = 4000
DAYS_OF_A_MONTH = 365 / 12


def reasons_for_buyers(reasons: Iterable[LossReason]) -> list[tuple[str, str]]:
    """The reasons that a buyer may pick, in a buyer's words, by slug."""
    return [
        (
            reason.slug,
            str(BuyerReason(reason.slug).label) if reason.slug in BuyerReason else reason.name,
        )
        for reason in reasons
        if reason.slug not in NOT_ASKED
    ]


class FeedbackForm(forms.Form):
    """The buyer's page: every question may be left out, and nothing is chosen beforehand (D7)."""

    reason = forms.ChoiceField(required=False)
    factors = forms.MultipleChoiceField(choices=BEYOND_PRICE, required=False)
    value_statement = forms.CharField(required=False, max_length=WORDS)
    words = forms.CharField(required=False, max_length=WORDS)
    show_name = forms.ChoiceField(choices=SHOW_NAME, required=False)
    again = forms.ChoiceField(choices=AGAIN, required=False)
    can_help = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, reasons: Iterable[LossReason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = {reason.slug: reason for reason in reasons}
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101  (for the type checker)
        reason.choices = reasons_for_buyers(self.reasons.values())

    def answer(self, *, today: dt.date) -> Answer:
        """What goes to the action. No word about the name means no name."""
        data = self.cleaned_data
        months = int(data["again"]) if data["again"] not in {"", "no"} else 0
        days = dt.timedelta(days=round(months * DAYS_OF_A_MONTH))
        return Answer(
            reason=self.reasons.get(data["reason"]),
            factors=data["factors"],
            value_statement=data["value_statement"],
            words=data["words"],
            show_name=data["show_name"] == "yes",
            may_contact=months > 0,
            contact_again_on=today + days if months else None,
            can_help=data["can_help"],
        )
