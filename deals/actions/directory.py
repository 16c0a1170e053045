"""Accounts, contacts, and who takes part in a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from deals.actions import pipeline
from deals.models import Account, Contact, Deal, Stakeholder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.shared.models import User

R = TypeVar("R", Account, Contact)

ACCOUNT_FIELDS = frozenset(
    {"name", "owner", "industry", "country", "website", "employees", "external_id", "extra"}
)
CONTACT_FIELDS = frozenset(
    {
        "account",
        "owner",
        "name",
        "title",
        "email",
        "phone",
        "language",
        "time_zone",
        "country",
        "preferred_channel",
    }
    | {
        "do_not_contact",
        "do_not_contact_why",
        "consent",
        "consent_on",
        "consent_source",
        "external_id",
        "extra",
    }
)


@transaction.atomic
def add_accounts(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, is_sample: bool = False
) -> list[Account]:
    """Add a batch of companies; each row names fields of the model, `owner` among them."""
    return Account.objects.bulk_create(Account(is_sample=is_sample, **row) for row in rows)


@transaction.atomic
def add_contacts(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, is_sample: bool = False
) -> list[Contact]:
    """Add a batch of people; each row names fields of the model, `owner` among them."""
    return Contact.objects.bulk_create(Contact(is_sample=is_sample, **row) for row in rows)


@transaction.atomic
def edit_account(
    account: Account, *, by: User | None, version: int | None = None, **changes: Any
) -> Account:
    """Change facts of a company. Raises StaleVersion, ActionRefused for what is no such fact."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    return _edit(account, allowed=ACCOUNT_FIELDS, version=version, changes=changes)


@transaction.atomic
def edit_contact(
    contact: Contact, *, by: User, version: int | None = None, **changes: Any
) -> Contact:
    """Change facts of a person. Raises StaleVersion, ActionRefused for what is no such fact."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    return _edit(contact, allowed=CONTACT_FIELDS, version=version, changes=changes)


def _edit(row: R, *, allowed: frozenset[str], version: int | None, changes: dict[str, Any]) -> R:
    pipeline.check_version(row, version)
    if refused := changes.keys() - allowed:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    changed: dict[str, Any] = {
        name: value for name, value in changes.items() if getattr(row, name) != value
    }
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*changed, "version", "updated_at"])
    return row


@transaction.atomic
def add_stakeholder(
    deal: Deal, *, contact: Contact, role: str, by: User, **facts: Any
) -> Stakeholder:
    """Put a person on a deal, or change their part in it: role, stance −2 … +2, in the room, met (D5)."""
    stance = facts.get("stance", 0)
    if not -2 <= stance <= 2:
        raise ActionRefused(_("Stance runs from −2 to +2."), fields={"stance": _("From −2 to +2.")})
    deal = Deal.objects.locked().get(pk=deal.pk)
    stakeholder, _created = Stakeholder.objects.update_or_create(
        deal=deal, contact=contact, defaults={"role": role, **facts}
    )
    return stakeholder
