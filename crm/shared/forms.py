"""Forms about oneself."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from crm.shared.models import User

NOT_FOR_PEOPLE = ("Etc/", "SystemV/", "US/", "posix/", "right/")


def time_zones() -> list[tuple[str, str]]:
    """The zones of places, by name, and UTC."""
    places = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(NOT_FOR_PEOPLE)
    )
    return [(name, name.replace("_", " ")) for name in ("UTC", *places)]


class MeForm(forms.Form):
    """Everything that people.edit_me takes."""

    name = forms.CharField(label=_("Name"), max_length=200)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Times of day are shown and planned in it."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
        required=False,
    )
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing falls due on the others."),
        error_messages={
            "required": _("Choose at least one day: the plan sets every touch on a working day.")
        },
    )
    theme = forms.ChoiceField(
        label=_("Look"),
        choices=[("", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
        required=False,
        widget=forms.RadioSelect,
    )
    wants_morning_mail = forms.BooleanField(
        label=_("Send me a mail on the mornings of my working days"),
        required=False,
        help_text=_("What is due, most useful first. None comes when nothing is."),
    )

    @classmethod
    def about(cls, person: User) -> "MeForm":
        """The form as `person` has it now."""
        return cls(initial={name: getattr(person, name) for name in cls.base_fields})
