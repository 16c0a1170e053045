"""The form that corrects a closing: the fields of its kind, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals.forms.closing import (
    ClosingForm,
    DisqualifyForm,
    LoseForm,
    WinForm,
    add_six_questions,
    in_given_order,
    six_answers,
)
from deals.models import Competitor, LossReason
from deals.states import REFLECTION, Competition, DealStatus

if TYPE_CHECKING:
    from crm.shared.models import User
    from deals.models import Outcome


class OutcomeForm(ClosingForm):
    """What every closing says; what it counted is not asked for."""

    def __init__(self, data: Any, *, user: User, outcome: Outcome, version: int) -> None:
        self.outcome = outcome
        start = {"note": outcome.note, "closed_on": timezone.localdate(outcome.at)}
        super().__init__(data, initial=start | self.start() | {"version": version})
        del self.fields["open_tasks"]
        self.fields["closed_on"].required = True
        self.fields["closed_on"].help_text = ""
        if "competitor" in self.fields:
            self._offer_competitors(user)

    def start(self) -> dict[str, Any]:
        return {}

    def changes(self) -> dict[str, Any]:
        """The arguments of `correcting.edit_outcome`."""
        said = self.said(self.outcome.deal)
        if self.cleaned_data["closed_on"] == timezone.localdate(self.outcome.at):
            del said["at"]  # the day is the same: the time of day stays
        elif said["at"] is None:
            said["at"] = timezone.now()
        return said

    def _offer_competitors(self, user: User) -> None:
        """Those of now, and the one that it names, which may be retired since."""
        seen = Competitor.objects.visible_to(user)
        field: Any = self.fields["competitor"]
        field.offer(seen.filter(Q(archived_at=None) | Q(pk=self.outcome.competitor_id)))


class LossForm(OutcomeForm):
    reason = forms.ModelChoiceField(
        LossReason.objects.none(), to_field_name="slug", label=_("Reason"), empty_label=None
    )
    other_reasons = LoseForm.base_fields["other_reasons"]
    control = forms.ChoiceField(
        choices=LoseForm.base_fields["control"].choices[1:],  # type: ignore[attr-defined]
        required=False,
        label=_("In this case it was"),
    )
    competitor = LoseForm.base_fields["competitor"]
    buyer_words = LoseForm.base_fields["buyer_words"]

    def __init__(self, data: Any, *, user: User, outcome: Outcome, version: int) -> None:
        super().__init__(data, user=user, outcome=outcome, version=version)
        own = [outcome.reason_id, *outcome.other_reasons.values_list("reason", flat=True)]
        choosable = LossReason.objects.visible_to(user).choosable().values("pk")
        for name in ("reason", "other_reasons"):
            field: Any = self.fields[name]
            field.queryset = LossReason.objects.filter(Q(pk__in=choosable) | Q(pk__in=own))
        add_six_questions(self)

    def start(self) -> dict[str, Any]:
        outcome = self.outcome
        others = outcome.other_reasons.select_related("reason")
        return competition_of(outcome) | {
            "reason": outcome.reason.slug if outcome.reason else "",
            "other_reasons": [one.reason.slug for one in others],
            "control": outcome.control,
            "buyer_words": outcome.buyer_words,
            **{f"six_{key}": outcome.reflection.get(key, "") for key in REFLECTION},
        }

    def changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        others = in_given_order(self, "other_reasons", data["other_reasons"])
        return {
            **super().changes(),
            **data["competitor"],
            **{name: data[name] for name in ("reason", "control", "buyer_words")},
            "other_reasons": [other for other in others if other != data["reason"]],
            "reflection": six_answers(self),
        }


class WonForm(OutcomeForm):
    won_because = WinForm.base_fields["won_because"]
    competitor = WinForm.base_fields["competitor"]
    buyer_words = WinForm.base_fields["buyer_words"]

    def start(self) -> dict[str, Any]:
        outcome = self.outcome
        said = {"won_because": outcome.won_because, "buyer_words": outcome.buyer_words}
        return said | competition_of(outcome)

    def changes(self) -> dict[str, Any]:
        taken = {name: self.cleaned_data[name] for name in ("won_because", "buyer_words")}
        return {**super().changes(), **taken, **self.cleaned_data["competitor"]}


class LetGoForm(OutcomeForm):
    disqualified_as = DisqualifyForm.base_fields["disqualified_as"]

    def start(self) -> dict[str, Any]:
        return {"disqualified_as": self.outcome.disqualified_as}

    def changes(self) -> dict[str, Any]:
        return super().changes() | {"disqualified_as": self.cleaned_data["disqualified_as"]}


FORMS: dict[str, type[OutcomeForm]] = {
    DealStatus.LOST: LossForm,
    DealStatus.WON: WonForm,
    DealStatus.DISQUALIFIED: LetGoForm,
}


def competition_of(outcome: Outcome) -> dict[str, Any]:
    named: Competitor | None = outcome.competitor
    chosen = Competition.NONE.value if outcome.no_competitor else ""
    return {"competitor": str(named.pk) if named else chosen}
