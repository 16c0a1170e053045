"""Forms of the closings: lost, lost in bulk, won, disqualified. Of a loss only the reason is asked for (A1)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.actions import closing
from deals.models import Competitor, Deal, LossReason
from deals.states import REFLECTION, Answer, Control, Disqualification, WinFactor

if TYPE_CHECKING:
    from crm.shared.events import Aftercare
    from crm.shared.models import User

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


class ClosingForm(forms.Form):
    """What every closing takes. The version says what the person saw when they decided."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    note = words(_("Note"), rows=2)


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
    competitor = forms.ModelChoiceField(
        Competitor.objects.none(),
        required=False,
        label=_("Went with"),
        empty_label=_("Nobody, or not known"),
    )
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
        competitors: Any = self.fields["competitor"]
        competitors.queryset = Competitor.objects.visible_to(user).current()
        for key, question in REFLECTION.items():
            self.fields[f"six_{key}"] = forms.ChoiceField(
                label=question, choices=Answer.choices, required=False, widget=forms.RadioSelect
            )

    def clean(self) -> dict[str, Any]:
        reason, others = self.cleaned_data.get("reason"), self.cleaned_data.get("other_reasons", ())
        self.cleaned_data["other_reasons"] = [other for other in others if other != reason]
        return self.cleaned_data

    def reflection(self) -> dict[str, str]:
        """The six answers (A4) that were given; what was left is not an answer."""
        answers = {key: self.cleaned_data[f"six_{key}"] for key in REFLECTION}
        return {key: answer for key, answer in answers.items() if answer}

    def aftercare(self, deal: Deal) -> Aftercare | None:
        """What shall follow this loss; None leaves it to the playbook."""
        data = self.cleaned_data
        if not data["playbook_of"]:
            return None
        planned = closing.playbook(data["reason"], deal=deal)
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
        taken = (
            "reason",
            "other_reasons",
            "control",
            "competitor",
            "buyer_words",
            "note",
            "version",
        )
        return {
            **{name: self.cleaned_data[name] for name in taken},
            "reflection": self.reflection(),
            "aftercare": self.aftercare(deal),
        }


class BulkLoseForm(forms.Form):
    """One reason for the deals chosen; each follows the reason's playbook."""

    reason = LoseForm.base_fields["reason"]
    note = words(_("Note"), rows=2)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons: Any = self.fields["reason"]
        reasons.queryset = LossReason.objects.visible_to(user).choosable()


class WinForm(ClosingForm):
    won_because = forms.MultipleChoiceField(
        choices=WinFactor.choices,
        required=False,
        label=_("What decided it"),
        widget=forms.CheckboxSelectMultiple,
    )
    buyer_words = words(_("What it is worth to them, in their words"))

    def win(self) -> dict[str, Any]:
        """The arguments of `closing.win`."""
        taken = ("won_because", "buyer_words", "note", "version")
        return {name: self.cleaned_data[name] for name in taken}


class DisqualifyForm(ClosingForm):
    disqualified_as = forms.ChoiceField(
        choices=Disqualification.choices,
        label=_("Why"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why.")},
    )

    def disqualification(self) -> dict[str, Any]:
        """The arguments of `closing.disqualify`."""
        taken = ("disqualified_as", "note", "version")
        return {name: self.cleaned_data[name] for name in taken}
