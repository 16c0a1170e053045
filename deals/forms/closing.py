"""Forms of the closings: lost, lost in bulk, won, disqualified. Of a loss only the reason is asked for (A1)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals.actions import closing
from deals.models import Competitor, Deal, LossReason
from deals.states import (
    REFLECTION,
    Answer,
    Competition,
    Control,
    Disqualification,
    OpenTasks,
    WinFactor,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from crm.shared.events import Aftercare
    from crm.shared.models import User

NOON = dt.time(12)  # a day without a time: the same day in most zones
LONGEST_DAYS = 3650
# What a playbook can hold, and the field of the aftercare that says when; a review has its own rule, a track its own pace.
DATED = {
    "ask_buyer": "ask_buyer_after_days",
    "ask_referral": "ask_referral_after_days",
    "revisit": "revisit_after_days",
}
STEPS = ("ask_buyer", "review", "ask_referral", "nurture", "revisit")


def words(label: Any, *, rows: int = 3) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": rows}))


def in_given_order(form: forms.Form, name: str, chosen: Iterable[LossReason]) -> list[LossReason]:
    """The reasons chosen in the order in which they were sent: a page's script sends them as they were ticked."""
    sent: list[str] = list(form[name].value() or ())
    return sorted(chosen, key=lambda reason: sent.index(reason.slug))


class CompetitorField(forms.ChoiceField):
    """Somebody named, nobody else, or not known; cleaned, the two arguments of the actions."""

    def offer(self, competitors: QuerySet[Competitor]) -> None:
        """Asked for only when they are shown, or one of them is chosen."""
        self.competitors = competitors
        self.choices = self.offered

    def clean(self, value: Any) -> dict[str, Any]:
        chosen = super().clean(value)
        named = chosen and chosen != Competition.NONE
        known = {str(one.pk): one for one in self.competitors} if named else {}
        return {"competitor": known.get(chosen), "no_competitor": chosen == Competition.NONE}

    def offered(self) -> list[tuple[str, Any]]:
        unnamed = [
            ("", Competition.UNKNOWN.label),
            (Competition.NONE.value, Competition.NONE.label),
        ]
        return [*unnamed, *((str(one.pk), one.name) for one in self.competitors)]


class ClosingForm(forms.Form):
    """What every closing takes. The version says what the person saw when they decided."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    note = words(_("Note"), rows=2)
    closed_on = forms.DateField(
        label=_("Closed on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Today, unless it was earlier."),
    )
    open_tasks = forms.ChoiceField(
        label=_("What is still to be done"),
        choices=OpenTasks.choices,
        required=False,
        widget=forms.RadioSelect,
    )

    def said(self, deal: Deal, *names: str) -> dict[str, Any]:
        """These fields, and what every closing says, as the actions take them."""
        taken = {name: self.cleaned_data[name] for name in ("note", "version", *names)}
        return taken | {"at": self._moment(deal)}

    def open_tasks_then(self) -> str:
        return self.cleaned_data["open_tasks"] or OpenTasks.CANCEL.value

    def _moment(self, deal: Deal) -> dt.datetime | None:
        """Noon of the day given, or the last touch of that day if it came later; None is now."""
        day = self.cleaned_data["closed_on"]
        if day is None or day == timezone.localdate():
            return None
        noon = timezone.make_aware(dt.datetime.combine(day, NOON))
        last = deal.last_touch_at
        return max(noon, last) if last and timezone.localdate(last) == day else noon


def offer_competitors(form: forms.Form, user: User) -> None:
    field: Any = form.fields["competitor"]
    field.offer(Competitor.objects.visible_to(user).current())


def add_six_questions(form: forms.Form) -> None:
    """The six questions (A4), each a field of its own."""
    for key, question in REFLECTION.items():
        form.fields[f"six_{key}"] = forms.ChoiceField(
            label=question, choices=Answer.choices, required=False, widget=forms.RadioSelect
        )


def six_answers(form: forms.Form) -> dict[str, str]:
    """The answers that were given; what was left is not an answer."""
    answers = {key: form.cleaned_data[f"six_{key}"] for key in REFLECTION}
    return {key: answer for key, answer in answers.items() if answer}


class LoseForm(ClosingForm):
    """A loss, and its aftercare: the steps that were `shown`, those still ticked, and their days.

    `playbook_of` names the reason whose steps were shown. Where that is not the reason chosen (no script, or a quick
    hand), the chosen one's own playbook holds, without what the person had unticked. Nothing shown = the playbook.
    """

    reason = forms.ModelChoiceField(
        LossReason.objects.none(), to_field_name="slug", widget=forms.RadioSelect, label=_("Reason"),
        error_messages={"required": _("Choose a reason: it is the one thing a loss needs.")},
    )  # fmt: skip
    other_reasons = forms.ModelMultipleChoiceField(
        LossReason.objects.none(), to_field_name="slug", required=False, label=_("Also played a part"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    control = forms.ChoiceField(
        choices=[("", _("As the reason says")), *Control.choices],
        required=False,
        label=_("In this case it was"),
    )
    competitor = CompetitorField(label=_("Went with"), required=False)
    buyer_words = words(_("In the buyer’s words"))
    playbook_of = forms.SlugField(required=False, widget=forms.HiddenInput)
    shown = forms.MultipleChoiceField(choices=[(step, step) for step in STEPS], required=False)
    ask_buyer = forms.BooleanField(required=False)
    ask_buyer_days = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAYS)
    review = forms.BooleanField(required=False)
    ask_referral = forms.BooleanField(required=False)
    ask_referral_days = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAYS)
    nurture = forms.BooleanField(required=False)
    revisit = forms.BooleanField(required=False)
    revisit_days = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAYS)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = LossReason.objects.visible_to(user).choosable()
        for name in ("reason", "other_reasons"):
            field: Any = self.fields[name]
            field.queryset = reasons
        offer_competitors(self, user)
        add_six_questions(self)

    def clean(self) -> dict[str, Any]:
        reason, others = self.cleaned_data.get("reason"), self.cleaned_data.get("other_reasons", ())
        ordered = in_given_order(self, "other_reasons", others)
        self.cleaned_data["other_reasons"] = [other for other in ordered if other != reason]
        return self.cleaned_data

    def reflection(self) -> dict[str, str]:
        """The six answers (A4) that were given; what was left is not an answer."""
        return six_answers(self)

    def aftercare(self, deal: Deal) -> Aftercare | None:
        """What shall follow this loss; None leaves it to the playbook."""
        data = self.cleaned_data
        open_tasks = self.open_tasks_then()
        if not data["playbook_of"] and open_tasks == OpenTasks.CANCEL:
            return None
        planned = closing.playbook(data["reason"], deal=deal)
        planned = dataclasses.replace(planned, open_tasks=open_tasks)
        unwanted = {step for step in data["shown"] if not data[step]}
        changes: dict[str, Any] = {DATED[step]: None for step in unwanted & DATED.keys()}
        if data["playbook_of"] == data["reason"].slug:
            kept = [step for step in DATED if step in data["shown"] and step not in unwanted]
            days = {DATED[step]: data[f"{step}_days"] for step in kept}
            changes |= {name: value for name, value in days.items() if value is not None}
        if "nurture" in unwanted:
            changes["nurture_track"] = ""
        return dataclasses.replace(planned, review="review" not in unwanted, **changes)

    def loss(self, deal: Deal) -> dict[str, Any]:
        """The arguments of `closing.lose`."""
        return {
            **self.said(deal, "reason", "other_reasons", "control", "buyer_words"),
            **self.cleaned_data["competitor"],
            "reflection": self.reflection(),
            "aftercare": self.aftercare(deal),
        }


class WinForm(ClosingForm):
    won_because = forms.MultipleChoiceField(
        choices=WinFactor.choices,
        required=False,
        label=_("What decided it"),
        widget=forms.CheckboxSelectMultiple,
    )
    competitor = CompetitorField(label=_("Chosen over"), required=False)
    buyer_words = words(_("What it is worth to them, in their words"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_competitors(self, user)

    def win(self, deal: Deal) -> dict[str, Any]:
        """The arguments of `closing.win`."""
        return {
            **self.said(deal, "won_because", "buyer_words"),
            **self.cleaned_data["competitor"],
            "open_tasks": self.open_tasks_then(),
        }


class DisqualifyForm(ClosingForm):
    disqualified_as = forms.ChoiceField(
        choices=Disqualification.choices,
        label=_("Why"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why.")},
    )

    def disqualification(self, deal: Deal) -> dict[str, Any]:
        """The arguments of `closing.disqualify`."""
        return self.said(deal, "disqualified_as") | {"open_tasks": self.open_tasks_then()}
