"""Accounts, contacts, and who takes part in a deal."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import loading, mailing, versions
from crm.shared.directory_events import (
    ArchivedInDirectory,
    RestoredInDirectory,
    StakeholderPlaced,
)
from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from deals.actions import pipeline
from deals.models import Account, Contact, Deal, NoContact, Stakeholder

if TYPE_CHECKING:
    import datetime as dt
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
        "do_not_contact_scope",
        "do_not_contact_since",
        "consent",
        "consent_on",
        "consent_source",
        "external_id",
        "extra",
    }
)


@transaction.atomic(savepoint=False)
def add_accounts(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, is_sample: bool = False
) -> list[Account]:
    """Add a batch of companies; each row names fields of the model, `owner` among them."""
    return loading.write_new([Account(is_sample=is_sample, **row) for row in rows])


@transaction.atomic(savepoint=False)
def add_contacts(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, is_sample: bool = False
) -> list[Contact]:
    """Add a batch of people; each row names fields of the model, `owner` among them."""
    added = loading.write_new([Contact(is_sample=is_sample, **row) for row in rows])
    heed(added, by=by)
    return added


@transaction.atomic
def edit_account(
    account: Account, *, by: User | None, version: int | None = None, **changes: Any
) -> Account:
    """Change facts of a company. Raises StaleVersion, ActionRefused for what is no such fact."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    before = account.name
    account = _edit(account, allowed=ACCOUNT_FIELDS, version=version, changes=changes)
    if account.name != before:
        rename_in_search(accounts=[account])
    return account


@transaction.atomic
def edit_contact(
    contact: Contact, *, by: User, version: int | None = None, **changes: Any
) -> Contact:
    """Change facts of a person. Raises StaleVersion, ActionRefused for what is no such fact."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    refuse_erased(contact)
    before = copy(contact)
    contact = _edit(contact, allowed=CONTACT_FIELDS, version=version, changes=changes)
    if contact.name != before.name:
        rename_in_search(contacts=[contact])
    if before.refuses(NoContact.EMAIL) and not contact.refuses(NoContact.EMAIL):
        mailing.lift(before.email, why=before.do_not_contact_why)
    heed([contact], by=by)
    return contact


def heed(contacts: Sequence[Contact], *, by: User | None) -> None:
    """Who does not want to be contacted gets a date for it, and their address no mail from now on, whoever asks (rule 8)."""
    marked = [one for one in contacts if one.do_not_contact]
    new = [one for one in marked if one.do_not_contact_since is None]
    for one in new:
        one.do_not_contact_since = timezone.localdate()
    if new:
        Contact.objects.bulk_update(new, ["do_not_contact_since"], batch_size=500)
    unwilling = [one for one in marked if one.email and one.refuses(NoContact.EMAIL)]
    if unwilling:
        mailing.suppress_many({one.email: one.do_not_contact_why for one in unwilling}, by=by)


# ---- archiving: a row leaves the lists and stays ------------------------------------------------------


@transaction.atomic
def archive(row: R, *, by: User, version: int | None = None) -> R:
    """Take a company or a person off the lists. Raises StaleVersion, ActionRefused for a company with open deals."""
    row = versions.held(row, version)
    if isinstance(row, Account) and row.deals.filter(archived_at=None).open().exists():
        raise ActionRefused(
            _("“%(account)s” has open deals: close them first.") % {"account": row.name}
        )
    return _mark(row, at=timezone.now(), event=ArchivedInDirectory, by=by)


@transaction.atomic
def restore(row: R, *, by: User, version: int | None = None) -> R:
    """Put a company or a person back on the lists. Raises StaleVersion, ActionRefused for one that was merged into another."""
    row = versions.held(row, version)
    if row.merged_into_id:
        raise ActionRefused(_("“%(name)s” was merged: undo that.") % {"name": row.name})
    refuse_erased(row)
    return _mark(row, at=None, event=RestoredInDirectory, by=by)


def refuse_erased(*rows: Account | Contact) -> None:
    """Raises ActionRefused: nothing comes back of somebody who was erased, and nothing is added to them."""
    if any(isinstance(row, Contact) and row.erased_at for row in rows):
        raise ActionRefused(_("This person was erased. Whoever it was, add them anew."))


def _mark(
    row: R,
    *,
    at: dt.datetime | None,
    event: type[ArchivedInDirectory | RestoredInDirectory],
    by: User,
) -> R:
    if (row.archived_at is None) == (at is None):
        return row
    row.archived_at = at
    row.save_changed("archived_at")
    publish([event(actor_id=by.pk, row_id=row.pk, kind=row._meta.model_name or "")])
    return row


def rename_in_search(*, accounts: Sequence[Account] = (), contacts: Sequence[Contact] = ()) -> None:
    """Whoever works there, and the deals, are found by the new names from now on."""
    if accounts:
        Contact.objects.filter(account__in=accounts).refold()
    Deal.objects.filter(Q(account__in=accounts) | Q(contact__in=contacts)).refold()


def _edit(row: R, *, allowed: frozenset[str], version: int | None, changes: dict[str, Any]) -> R:
    pipeline.check_version(row, version)
    if refused := changes.keys() - allowed:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    changed: dict[str, Any] = {
        name: value for name, value in changes.items() if not pipeline.says(row, name, value)
    }
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save_changed(*changed)
    return row


@transaction.atomic
def add_stakeholder(
    deal: Deal,
    *,
    contact: Contact,
    role: str,
    by: User,
    at: dt.datetime | None = None,
    version: int | None = None,
    **facts: Any,
) -> Stakeholder:
    """Put a person on a deal, or change their part in it: role, stance −2 … +2, in the room, met (D5).

    `at` is for what happened earlier; `version` is that of the part they have. Raises ActionRefused, StaleVersion.
    """
    stance = facts.get("stance", 0)
    if not -2 <= stance <= 2:
        raise ActionRefused(_("Stance runs from −2 to +2."), fields={"stance": _("From −2 to +2.")})
    refuse_erased(contact)
    deal = Deal.objects.locked().get(pk=deal.pk)
    known = Stakeholder.objects.filter(deal=deal, contact=contact).first()
    versions.check_version(known or Stakeholder(), version)  # who was taken off is no version
    said = {"role": role, **facts}
    if known and all(getattr(known, name) == value for name, value in said.items()):
        return known
    stakeholder, _created = Stakeholder.objects.update_or_create(
        deal=deal, contact=contact, defaults=said
    )
    publish(
        [
            StakeholderPlaced(
                actor_id=by.pk,
                deal_id=deal.pk,
                at=at,
                contact_id=contact.pk,
                role=stakeholder.role,
                was=known.role if known else "",
                stance=stakeholder.stance,
                met=stakeholder.met,
            )
        ]
    )
    return stakeholder
