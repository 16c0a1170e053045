"""Forms of a deal on its way: open, edit, move, the people on it, a second chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.shared.forms_of_edits import VersionedForm
from crm.shared.models import User
from crm.shared.money import is_currency
from crm.shared.roles import PERMISSIONS, Permission
from deals.models import Account, Contact, Deal, Product, Stage, Stakeholder, TargetList
from deals.states import Answer, Phase, Role

if TYPE_CHECKING:
    from django.db import models
    from django.forms.boundfield import BoundField

    from crm.shared.querysets import UserQuerySet

QUALIFICATION = ("need", "authority", "budget", "timing", "fit")
STANCES = [
    (-2, _("against")),
    (-1, _("leaning against")),
    (0, _("neutral")),
    (1, _("leaning to us")),
    (2, _("for us")),
]


def day_input() -> forms.DateInput:
    """The browser's own calendar, which speaks ISO whatever the reader's language."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def by_name() -> forms.TextInput:
    """A company by its name, with suggestions as one types."""
    return forms.TextInput(attrs={"list": "account-options", "autocomplete": "off"})


def owners_for(user: User) -> UserQuerySet:
    """Whom `user` may give a deal to: those they answer for who work on deals, themselves included."""
    working = [role for role, may in PERMISSIONS.items() if Permission.WORK_DEALS in may]
    owners: UserQuerySet = User.objects.visible_to(user).active().filter(role__in=working)
    return owners


def offer(form: forms.ModelForm, name: str, among: models.QuerySet[Any]) -> None:  # type: ignore[type-arg]
    """Offer `among` as choices of a field, and what the row says already, though it be retired."""
    model: Any = among.model
    field: Any = form.fields[name]
    field.empty_label = None if field.required else "–"
    field.queryset = among | model.objects.filter(pk=getattr(form.instance, f"{name}_id"))


def account_named(name: str, *, user: User) -> Account | None:
    """The one account of that name that `user` sees. Raises ValidationError for several."""
    found = list(Account.objects.visible_to(user).current().filter(name__iexact=name)[:2])
    if len(found) > 1:
        raise forms.ValidationError(
            _("There are several accounts of this name: start from the page of the right one.")
        )
    return found[0] if found else None


def known_account(form: VersionedForm, *, current: Account | None) -> Account | None:
    """The account that the field `account_name` names; an unknown name is an error of that field."""
    name = form.cleaned_data.pop("account_name", "")
    if not name or (current and name == current.name):
        return current if name else None
    try:
        found = account_named(name, user=form.user)
    except forms.ValidationError as error:
        form.add_error("account_name", error)
        return current
    if found is None:
        form.add_error("account_name", _("There is no account of this name. Add it first."))
    return found


class MoneyFields:
    """Checks of amount and currency; nothing given is the organisation's currency."""

    cleaned_data: dict[str, Any]

    def clean_amount(self) -> Any:
        amount = self.cleaned_data["amount"]
        if amount is not None and amount < 0:
            raise forms.ValidationError(_("An amount is not below zero."))
        return amount

    def clean_currency(self) -> str:
        currency = (self.cleaned_data["currency"] or settings.ORGANISATION_CURRENCY).strip().upper()
        if not is_currency(currency):
            raise forms.ValidationError(
                _("There is no such currency: give its three letters, such as EUR.")
            )
        return str(currency)


class NewDealForm(MoneyFields, forms.ModelForm):  # type: ignore[type-arg]
    """A new deal; account and contact are found by name, or added with it.

    Coming from an account's page, `account` names it and no name is asked for.
    """

    account = forms.ModelChoiceField(
        Account.objects.none(), required=False, widget=forms.HiddenInput
    )
    account_name = forms.CharField(
        label=_("Account"), required=False, max_length=300, widget=by_name()
    )
    contact_name = forms.CharField(label=_("Contact"), required=False, max_length=200)
    contact_email = forms.EmailField(label=_("E-mail"), required=False)

    class Meta:
        model = Deal
        fields = (
            "title", "amount", "currency", "expected_close_on", "product", "source", "target_list",
            "stage", "owner",
        )  # fmt: skip
        widgets = {"expected_close_on": day_input()}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        stages = Stage.objects.visible_to(user).current().exclude(phase=Phase.ORDER)
        choices: dict[str, Any] = {
            "account": Account.objects.visible_to(user),
            "product": Product.objects.visible_to(user).current(),
            "target_list": TargetList.objects.visible_to(user).current(),
            "stage": stages,
            "owner": owners_for(user),
        }
        for name, among in choices.items():
            field: Any = self.fields[name]
            field.queryset = among
            field.empty_label = {"stage": _("The first"), "owner": None}.get(name, "–")
        self.fields["stage"].required = False
        self.fields["currency"].required = False
        self.initial = {
            "currency": settings.ORGANISATION_CURRENCY, "owner": user.pk, **self.initial
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        account = data.get("account") or self._find_account(data.get("account_name", ""))
        contact = self._find_contact(data.get("contact_name", ""), account)
        if data.get("contact_email") and not data.get("contact_name"):
            self.add_error("contact_name", _("Whose e-mail is it?"))
        return data | {"account": account, "contact": contact}

    def opening(self) -> dict[str, Any]:
        """The arguments of `opening.open_with`."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def _find_account(self, name: str) -> Account | None:
        try:
            return account_named(name, user=self.user) if name else None
        except forms.ValidationError as error:
            self.add_error("account_name", error)
            return None

    def _find_contact(self, name: str, account: Account | None) -> Contact | None:
        if not name or account is None:
            return None
        people = Contact.objects.visible_to(self.user).current()
        return people.filter(account=account, name__iexact=name).first()


class DealForm(MoneyFields, VersionedForm):
    """The facts of a deal, its qualification (B9) among them."""

    account_name = forms.CharField(
        label=_("Account"), required=False, max_length=300, widget=by_name()
    )

    class Meta:
        model = Deal
        fields = (
            "title", "contact", "amount", "currency", "expected_close_on", "product", "source",
            "target_list", "owner", *QUALIFICATION,
        )  # fmt: skip
        widgets = {
            "expected_close_on": day_input(),
            **{name: forms.RadioSelect() for name in QUALIFICATION},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deal: Deal = self.instance
        people = Contact.objects.visible_to(self.user).current().filter(account=deal.account)
        offer(self, "contact", people)
        offer(self, "product", Product.objects.visible_to(self.user).current())
        offer(self, "target_list", TargetList.objects.visible_to(self.user).current())
        offer(self, "owner", owners_for(self.user))
        self.fields["account_name"].initial = deal.account.name if deal.account else ""
        self.fields["currency"].required = False
        for name in QUALIFICATION:
            field: Any = self.fields[name]
            field.choices, field.required = Answer.choices, False

    def questions(self) -> list[BoundField]:
        """The fields of the qualification."""
        return [self[name] for name in QUALIFICATION]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["account"] = known_account(self, current=self.instance.account)
        contact = data.get("contact")
        if (
            contact
            and contact.account_id
            and contact.account_id != getattr(data["account"], "pk", None)
        ):
            self.add_error("contact", _("This person belongs to another account."))
        for name in QUALIFICATION:
            data[name] = data.get(name) or Answer.UNKNOWN
        return data


class MoveForm(forms.Form):
    """To which stage; the version keeps two people from moving the same deal."""

    stage = forms.ModelChoiceField(Stage.objects.none())
    version = forms.IntegerField(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages: Any = self.fields["stage"]
        stages.queryset = Stage.objects.visible_to(user).current()


class SecondChanceForm(forms.Form):
    """What the new deal is called."""

    title = forms.CharField(label=_("Title"), max_length=300)


class StakeholderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person's part in a deal (D5)."""

    stance = forms.TypedChoiceField(label=_("Stance"), choices=STANCES, coerce=int, initial=0)

    class Meta:
        model = Stakeholder
        fields = ("contact", "role", "stance", "in_the_room", "met")

    def __init__(self, *args: Any, user: User, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["contact"]
        roles: Any = self.fields["role"]
        people.empty_label, roles.choices = "–", [("", "–"), *Role.choices]
        people.queryset = (
            Contact.objects.visible_to(user).current().filter(account=deal.account)
            if deal.account_id
            else Contact.objects.filter(pk=deal.contact_id or 0)
        )
