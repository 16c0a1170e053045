"""Forms: log a touch, agree a plan, keep a deal open. Shape only; the actions know the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.shared import working_days
from deals.models import Contact
from followups.actions.plans import Agreement
from followups.models import FollowUp
from followups.states import Channel, Result, Signal

if TYPE_CHECKING:
    import datetime as dt

    from crm.shared.models import User
    from deals.models import Deal

# The results that a touch box offers, the likely first; every other pair comes by the API.
RESULTS: dict[str, list[tuple[str, Any]]] = {
    Channel.CALL: [
        (Result.ANSWERED, _("Answered")),
        (Result.NO_ANSWER, _("No answer")),
        (Result.LEFT_MESSAGE, _("Left a message")),
    ],
    Channel.EMAIL: [
        (Result.SENT, _("Sent")),
        (Result.REPLIED, _("They replied")),
        (Result.BOUNCED, _("Bounced")),
    ],
    Channel.MEETING: [
        (Result.KEPT, _("Took place")),
        (Result.NOT_KEPT, _("Did not take place")),
        (Result.SENT, _("Asked for one")),
    ],
}
CHANNELS = [(channel, Channel(channel).label) for channel in RESULTS]


class TouchForm(forms.Form):
    """A touch: channel and result are enough."""

    channel = forms.ChoiceField(choices=Channel.choices, label=_("Channel"))
    result = forms.ChoiceField(
        choices=Result.choices,
        label=_("Result"),
        error_messages={"required": _("Say how it went.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("With"),
        required=False,
        empty_label=_("Nobody in particular"),
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Now, unless you say otherwise."),
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    resource = forms.CharField(label=_("Resource given"), required=False, max_length=300)
    signal = forms.ChoiceField(
        label=_("The buyer seems"), required=False, choices=[("", _("As before")), *Signal.choices]
    )
    commitment = forms.CharField(
        label=_("The buyer committed to"),
        required=False,
        max_length=300,
        help_text=_("A date, a budget, a colleague, a pilot."),
    )
    follow_up = forms.ModelChoiceField(
        FollowUp.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, deal: Deal, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "contact").queryset = people_on(deal, user=user)
        _choices(self, "follow_up").queryset = (
            FollowUp.objects.visible_to(user).open().filter(deal=deal)
        )

    def clean(self) -> dict[str, Any]:
        """Enter presses the first button, which may belong to another channel than the one chosen."""
        given = self.cleaned_data
        offered = [value for value, _label in RESULTS.get(given.get("channel", ""), [])]
        if offered and given.get("result") and given["result"] not in offered:
            self.add_error("result", _("Say how it went."))
        return given

    def touch(self) -> dict[str, Any]:
        """What was filled in, as fields of `NewTouch`."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class AgreeForm(forms.Form):
    """What the buyer agreed to: rhythm, channel, perhaps a date."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("Agreed with"),
        required=False,
        empty_label=_("Nobody named"),
    )
    interval_days = forms.IntegerField(label=_("Every … days"), min_value=1, max_value=365)
    channel = forms.ChoiceField(choices=CHANNELS, label=_("Channel"))
    next_at = forms.DateField(
        label=_("Next step on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Left empty, the interval says when."),
    )
    time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    what = forms.CharField(label=_("What"), required=False, max_length=300)

    def __init__(self, *args: Any, deal: Deal, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "contact").queryset = people_on(deal, user=user)

    def agreement(self, *, zone: str) -> Agreement:
        """The answer as the action takes it; the time of day is that of `zone`."""
        given = self.cleaned_data
        return Agreement(
            interval_days=given["interval_days"],
            channel=given["channel"],
            contact=given["contact"],
            next_at=moment(given["next_at"], given["time"], zone=zone),
            what=given["what"],
        )


class KeepOpenForm(forms.Form):
    """The next step that keeps a dead deal open (E5)."""

    what = forms.CharField(
        label=_("What"),
        max_length=300,
        error_messages={"required": _("Say what the next step is.")},
    )
    due_at = forms.DateField(
        label=_("On"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Choose a day to come.")},
    )
    time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    channel = forms.ChoiceField(choices=CHANNELS, label=_("Channel"))

    def step(self, *, zone: str) -> dict[str, Any]:
        """The answer as the action takes it; the time of day is that of `zone`."""
        given = self.cleaned_data
        due_at = moment(given["due_at"], given["time"], zone=zone)
        return {"what": given["what"], "due_at": due_at, "channel": given["channel"]}


def people_on(deal: Deal, *, user: User) -> Any:
    """Whom a touch or an agreement can be with: the people on the deal and at its account."""
    of_deal = Q(stakes__deal=deal) | Q(pk=deal.contact_id)
    at_account = Q(account=deal.account_id) if deal.account_id else Q()
    return Contact.objects.visible_to(user).filter(of_deal | at_account).distinct()


def moment(day: dt.date | None, time: dt.time | None, *, zone: str) -> dt.datetime | None:
    """That day at that time in `zone`; at nine when no time is given."""
    return working_days.at_local(day, time or working_days.NINE, zone) if day else None


def _choices(form: forms.Form, name: str) -> Any:
    return form.fields[name]
