"""Who is there already: rows that look like what somebody is about to add, and likely duplicates among what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.shared.querysets import folded_in
from deals import duplicates
from deals.models import Account, Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.shared.models import User
    from deals.querysets import AccountQuerySet, ContactQuerySet

SHOWN = 5
CANDIDATES = 200
COMPARED = 50_000  # rows, the newest, in the list of likely duplicates
GROUPS = 50


def accounts_like(facts: Mapping[str, Any], *, among: AccountQuerySet) -> list[Account]:
    """Companies with the same bare name or web domain as `facts` of a new one, a few."""
    key = duplicates.account_key(facts.get("name") or "", facts.get("website") or "")
    wanted = folded_in(key.name) | folded_in(key.domain)
    return [
        one
        for one in among.filter(wanted).order_by("-pk")[:CANDIDATES]
        if duplicates.are_one_company(key, duplicates.account_key(one.name, one.website))
    ][:SHOWN]


def contacts_like(facts: Mapping[str, Any], *, among: ContactQuerySet) -> list[Contact]:
    """People with the same e-mail, or the same name and phone or company, as `facts` of a new one, a few."""
    account = facts.get("account")
    key = duplicates.contact_key(
        facts.get("name") or "",
        facts.get("email") or "",
        facts.get("phone") or "",
        getattr(account, "pk", ""),
    )
    wanted = folded_in(key.email) | folded_in(key.name)
    return [
        one
        for one in among.select_related("account").filter(wanted).order_by("-pk")[:CANDIDATES]
        if duplicates.are_one_person(key, _key_of(one))
    ][:SHOWN]


def _key_of(one: Contact) -> duplicates.ContactKey:
    return duplicates.contact_key(one.name, one.email, one.phone, one.account_id or "")


def likely_accounts(user: User) -> list[list[Account]]:
    """Groups of companies that look like one, among the newest that `user` sees."""
    seen = Account.objects.visible_to(user).current().order_by("-pk")
    rows = seen.values_list("pk", "name", "website")[:COMPARED]
    groups = duplicates.alike(
        (
            pk,
            [
                (kind, mark)
                for kind, mark in duplicates.account_key(name, website)._asdict().items()
                if mark
            ],
        )
        for pk, name, website in rows.iterator()
    )[:GROUPS]
    return _rows(groups, Account.objects.select_related("owner"))


def likely_contacts(user: User) -> list[list[Contact]]:
    """Groups of people who look like one, among the newest that `user` sees."""
    seen = Contact.objects.visible_to(user).current().order_by("-pk")
    rows = seen.values_list("pk", "name", "email", "phone", "account")[:COMPARED]
    groups = duplicates.alike(
        (pk, duplicates.contact_marks(duplicates.contact_key(name, email, phone, account or "")))
        for pk, name, email, phone, account in rows.iterator()
    )[:GROUPS]
    return _rows(groups, Contact.objects.select_related("owner", "account"))


def _rows(groups: list[list[int]], rows: Any) -> list[list[Any]]:
    found = rows.in_bulk([pk for group in groups for pk in group])
    return [[found[pk] for pk in group] for group in groups]
