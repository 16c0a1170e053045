"""Forms of what an administrator sets up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.shared.forms_of_edits import Edit, VersionedForm
from deals.forms.directory import clean_country
from deals.models import Account, LossReason, Stage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.shared.models import User
    from deals.models import Segment

INDUSTRIES_TO_MATCH, INDUSTRIES_SHOWN = 500, 12
MOST_EMPLOYEES = 2**31 - 1  # of a database integer


class StageForm(VersionedForm):
    class Meta:
        model = Stage
        fields = ("name", "phase", "probability", "stuck_after_days", "interval_days")


class ReasonForm(VersionedForm):
    class Meta:
        model = LossReason
        fields = (
            "name",
            "category",
            "control",
            "needs_note",
            "revisit_after_days",
            "nurture_track",
            "ask_referral_after_days",
            "ask_buyer_after_days",
        )
        help_texts = dict.fromkeys(
            ("revisit_after_days", "ask_referral_after_days", "ask_buyer_after_days"),
            _("Counted from the closing; empty: not done."),
        )


class NameForm(Edit):
    """A product or competitor."""

    name = forms.CharField(label=_("Name"), max_length=200)

    def __init__(self, data: Any = None, *, user: User, instance: Any = None) -> None:
        super().__init__(data, initial={"name": instance.name} if instance else {})
        self.is_over(instance, user=user)


class SegmentForm(Edit):
    """Criteria over accounts: each asks for one of what is named; what is left empty asks for nothing."""

    name = forms.CharField(label=_("Name"), max_length=200)
    countries = forms.CharField(
        label=_("Countries"),
        required=False,
        help_text=_("Two letters each, such as IT, FR, GB."),
    )
    industries = forms.CharField(
        label=_("Industries"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    employees_from = forms.IntegerField(
        label=_("Employees from"), required=False, min_value=0, max_value=MOST_EMPLOYEES
    )
    employees_to = forms.IntegerField(
        label=_("Employees to"), required=False, min_value=0, max_value=MOST_EMPLOYEES
    )

    def __init__(self, data: Any = None, *, user: User, instance: Segment | None = None) -> None:
        first = {}
        if instance:
            first = {name: getattr(instance, name) for name in self.base_fields}
            first["countries"] = ", ".join(instance.countries)
            first["industries"] = "\n".join(instance.industries)
        super().__init__(data, initial=first)
        self.is_over(instance, user=user)
        known = Account.objects.current().exclude(industry="").order_by()
        counted = known.values_list("industry").annotate(n=Count("pk")).order_by("-n", "industry")
        self.known = [industry for industry, _n in counted[:INDUSTRIES_TO_MATCH]]
        self.fields["industries"].help_text = _(
            "One a line, as accounts are written: %(some)s."
        ) % {"some": ", ".join(self.known[:INDUSTRIES_SHOWN]) or _("none so far")}

    def clean_countries(self) -> list[str]:
        codes = self.cleaned_data["countries"].replace(",", " ").split()
        return list(dict.fromkeys(clean_country(code) for code in codes))

    def clean_industries(self) -> list[str]:
        """As accounts spell them; one industry that is written in several ways is meant in all of them."""
        found: list[str] = []
        for line in filter(None, map(str.strip, self.cleaned_data["industries"].splitlines())):
            spelled = [known for known in self.known if known.casefold() == line.casefold()]
            found += spelled or [line]
        return list(dict.fromkeys(found))


class MergeForm(forms.Form):
    """Into which one."""

    into: Any = forms.ModelChoiceField(queryset=None, label=_("Merge it into"), empty_label="")

    def __init__(self, *args: Any, others: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = others
