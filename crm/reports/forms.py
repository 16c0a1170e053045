"""What a report may be asked for: days, a team, a rep, a product, a segment, a target list. Whatever else is named is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from crm.reports import periods
from crm.reports.base import Filters
from crm.shared.api.filters import FIRST_DAY, LAST_DAY, StrictForm
from crm.shared.models import Team, User
from crm.shared.roles import Role
from deals.models import Product, Segment, TargetList

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

ISO, ISO_MONTH = "%Y-%m-%d", "%Y-%m"


def _day(label: Any, *, kind: str = "date", written: str = ISO) -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        input_formats=[written],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        widget=forms.DateInput(format=written, attrs={"type": kind}),
    )


class ReportForm(StrictForm):
    """The filters of a report, checked; what one does not see cannot be chosen."""

    other_params = frozenset()

    def __init__(self, data: Mapping[str, Any], *, viewer: User, today: dt.date) -> None:
        super().__init__(data)
        self.viewer, self.today = viewer, today
        # "from" is no name that a class could give.
        self.fields |= {"from": _day(_("From")), "to": _day(_("To"))} | _people(viewer)

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        start, end = found.get("from"), found.get("to") or self.today
        if start and start > end:
            self.add_error("from", _("It begins after it ends."))
        return found

    def filters(self) -> Filters:
        """Of a valid form. No first day means from the beginning, no last one today.

        A viewer reads whole months: of two periods that differ by a day, one deal would be the difference.
        """
        found = self.cleaned_data
        start, end = found["from"], found["to"] or self.today
        if self.viewer.role == Role.VIEWER:
            start = start and periods.month_of(start)
            end = max(end, min(periods.last_day_of(end), self.today))
        return Filters(
            today=self.today,
            start=start,
            end=end,
            team=found["team"],
            rep=found["rep"],
            product=found["product"],
            segment=found["segment"],
            target_list=found["target_list"],
        )


class MonthForm(ReportForm):
    """The filters of the monthly review: a month, or else that of the last day, or else this one."""

    def __init__(self, data: Mapping[str, Any], *, viewer: User, today: dt.date) -> None:
        super().__init__(data, viewer=viewer, today=today)
        self.fields["month"] = _day(_("Month"), kind="month", written=ISO_MONTH)
        self.order_fields(["month"])
        for name in ("from", "to"):
            self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        for name in ("month", "to"):
            if (day := found.get(name)) and periods.month_of(day) > self.today:
                self.add_error(name, _("This month is still to come."))
        return found

    def filters(self) -> Filters:
        month = self.cleaned_data["month"]
        found = super().filters()
        first = month or periods.month_of(found.end)
        return found.of(first, periods.last_day_of(first))


def _people(viewer: User) -> dict[str, forms.Field]:
    """A viewer sees no single person, so there is none to choose (roles of domain.md)."""
    reps = User.objects.visible_to(viewer).active()
    if viewer.role == Role.VIEWER:
        reps = User.objects.none()
    choices = {
        "team": (_("Team"), Team.objects.visible_to(viewer)),
        "rep": (_("Rep"), reps),
        "product": (_("Product"), Product.objects.visible_to(viewer)),
        "segment": (_("Segment"), Segment.objects.visible_to(viewer)),
        "target_list": (_("Target list"), TargetList.objects.visible_to(viewer)),
    }
    return {
        name: forms.ModelChoiceField(queryset, required=False, label=label, empty_label=_("All"))
        for name, (label, queryset) in choices.items()
    }
