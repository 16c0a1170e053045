"""Forms of companies and the people in them, new or old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.shared.forms_of_edits import VersionedForm
from deals.forms.deal import by_name, day_input, known_account, offer, owners_for
from deals.models import Account, Contact, NoContact

if TYPE_CHECKING:
    from crm.shared.models import User


class EraseForm(forms.Form):
    """Nobody erases a person by a slip of the hand."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    is_sure = forms.BooleanField(label=_("I know that this cannot be undone."))


def clean_country(value: str) -> str:
    """Two letters, ISO 3166, or nothing."""
    country = value.strip().upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise forms.ValidationError(_("A country is two letters, such as GB."))
    return country


class AccountForm(VersionedForm):
    class Meta:
        model = Account
        fields = ("name", "owner", "industry", "country", "website", "employees")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offer(self, "owner", owners_for(user))
        if self.instance.pk is None:
            self.initial["owner"] = user.pk

    def clean_country(self) -> str:
        return clean_country(self.cleaned_data["country"])


class ReachForm(VersionedForm):
    """How a person is reached, and what they do not want."""

    class Meta:
        model = Contact
        fields: tuple[str, ...] = (
            "email", "phone", "preferred_channel", "do_not_contact", "do_not_contact_scope",
            "do_not_contact_why", "do_not_contact_since",
        )  # fmt: skip
        widgets: dict[str, forms.Widget] = {"do_not_contact_since": day_input()}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["do_not_contact_scope"].required = False

    def clean_do_not_contact_scope(self) -> str:
        return self.cleaned_data["do_not_contact_scope"] or NoContact.ALL

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("do_not_contact") and not data.get("do_not_contact_why"):
            self.add_error("do_not_contact_why", _("Say in a few words why."))
        return data


class ConsentForm(VersionedForm):
    """On what basis a person gets e-mail, since when, and where that is from."""

    class Meta:
        model = Contact
        fields = ("consent", "consent_on", "consent_source")
        widgets = {"consent_on": day_input()}


class ContactForm(ReachForm):
    """A person. Times for them are in their time zone, holidays those of their country (rule 3)."""

    account_name = forms.CharField(
        label=_("Account"), required=False, max_length=300, widget=by_name()
    )

    class Meta(ReachForm.Meta):
        fields = (
            "name", "title", "email", "phone", "preferred_channel", "language",
            "time_zone", "country", "do_not_contact", "do_not_contact_scope",
            "do_not_contact_why", "do_not_contact_since",
            "consent", "consent_on", "consent_source", "owner",
        )  # fmt: skip
        widgets = {
            "consent_on": day_input(),
            "do_not_contact_since": day_input(),
            "language": forms.Select(choices=[("", "–"), *settings.LANGUAGES]),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offer(self, "owner", owners_for(user))
        account = self.instance.account
        self.fields["account_name"].initial = account.name if account else ""
        if self.instance.pk is None:
            self.initial["owner"] = user.pk

    def clean_country(self) -> str:
        return clean_country(self.cleaned_data["country"])

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone and zone not in available_timezones():
            raise forms.ValidationError(_("Not known: write it as Europe/Rome."))
        return zone

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["account"] = known_account(self, current=self.instance.account)
        return data
