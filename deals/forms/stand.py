"""Forms of the deal page: qualify, park, share, propose, answer, and what follows a win."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.shared.models import User
from crm.shared.roles import PERMISSIONS, Permission
from deals.forms.deal import QUALIFICATION, MoneyFields, day_input
from deals.models import Deal, Order, Proposal, ValueCheck
from deals.states import Answer, OrderState, ProposalState

if TYPE_CHECKING:
    from crm.shared.querysets import UserQuerySet

HIGHEST = 10


class QualifyForm(forms.Form):
    """One answer to one of the five questions (B9)."""

    question = forms.ChoiceField(choices=[(name, name) for name in QUALIFICATION])
    answer = forms.ChoiceField(choices=Answer.choices)

    def changes(self) -> dict[str, Any]:
        return {self.cleaned_data["question"]: self.cleaned_data["answer"]}


class ConfidenceForm(forms.Form):
    percent = forms.IntegerField(min_value=0, max_value=100)


class ParkForm(forms.Form):
    until = forms.DateField(label=_("Until"), widget=day_input())
    because = forms.CharField(label=_("Why"), max_length=300)


def colleagues(*, owner: User) -> UserQuerySet:
    """Whom a deal may be shared with: everybody who works on deals, but its owner.

    Names of colleagues are no secret within one organisation; what they see of deals is.
    """
    working = [role for role, may in PERMISSIONS.items() if Permission.WORK_DEALS in may]
    people: UserQuerySet = User.objects.active().filter(role__in=working)
    return people.exclude(pk=owner.pk).order_by("name")


class ShareForm(forms.Form):
    people: Any = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Colleagues"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = colleagues(owner=deal.owner)


class ProposalForm(MoneyFields, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Proposal
        fields = ("sent_on", "amount", "currency", "offer")
        widgets = {"sent_on": day_input(), "offer": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].required = False
        self.initial = {
            "sent_on": timezone.localdate(), "amount": deal.amount, "currency": deal.currency,
            **self.initial,
        }  # fmt: skip


class AnswerForm(forms.Form):
    """What became of a proposal."""

    state = forms.ChoiceField(
        label=_("The answer"),
        choices=[
            (ProposalState.ACCEPTED, ProposalState.ACCEPTED.label),
            (ProposalState.DECLINED, ProposalState.DECLINED.label),
            (ProposalState.WITHDRAWN, _("We withdrew it")),
        ],
        widget=forms.RadioSelect,
    )
    answered_on = forms.DateField(
        label=_("On"), required=False, widget=day_input(), initial=timezone.localdate
    )
    words = forms.CharField(
        label=_("In the buyer’s words"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ObjectionForm(forms.Form):
    """A point of the buyer's, and what we say to it."""

    objection = forms.CharField(label=_("They say"), required=False, max_length=500)
    reply = forms.CharField(label=_("We say or offer"), required=False, max_length=500)
    is_settled = forms.BooleanField(label=_("Settled"), required=False)


BLANK_OBJECTIONS = 2
Objections = forms.formset_factory(ObjectionForm, extra=BLANK_OBJECTIONS)


class OrderForm(forms.ModelForm):  # type: ignore[type-arg]
    """The dates of an order and how satisfied the customer is."""

    satisfaction = forms.IntegerField(
        label=_("Satisfaction, 0–10"), min_value=0, max_value=HIGHEST, required=False
    )

    class Meta:
        model = Order
        fields = ("promised_on", "delivered_on", "accepted_on", "satisfaction")
        widgets = {name: day_input() for name in ("promised_on", "delivered_on", "accepted_on")}


class OrderMoveForm(forms.Form):
    """To which state, as of which day, and what the issue is if it is one."""

    state = forms.ChoiceField(choices=OrderState.choices, widget=forms.HiddenInput)
    on = forms.DateField(label=_("On"), required=False, widget=day_input())
    issue = forms.CharField(
        label=_("What is it?"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self["state"].value() != OrderState.ISSUE:
            del self.fields["issue"]


class ValueCheckForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the customer says of the value some time after delivery."""

    satisfaction = forms.IntegerField(
        label=_("Satisfaction, 0–10"), min_value=0, max_value=HIGHEST, required=False
    )

    class Meta:
        model = ValueCheck
        fields = ("satisfaction", "words")
        widgets = {"words": forms.Textarea(attrs={"rows": 3})}


class RepeatForm(forms.Form):
    """What the next deal is called."""

    title = forms.CharField(label=_("Title"), max_length=300)
