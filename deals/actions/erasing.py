"""Erasing a person (GDPR, article 17): every app takes their name and words out, and it cannot be taken back.

What stays: the deals and their figures, that somebody had a part in them, when and by whom they were erased, and of each
address as much as is needed to know it again and never write to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.shared import erasing, personal
from crm.shared.directory_events import PersonErased
from crm.shared.errors import ActionRefused
from crm.shared.mailing import normal_address
from crm.shared.personal import STRUCK, Person
from crm.shared.publishing import publish
from deals.actions import directory, pipeline
from deals.models import (
    Account,
    BulkJob,
    Contact,
    Deal,
    Merge,
    NoContact,
    Outcome,
    Proposal,
    SavedView,
    ValueCheck,
)

if TYPE_CHECKING:
    from crm.shared.models import User


def person_of(contact: Contact) -> Person:
    """The contact and whoever was merged into it, with all that names them and the deals that may."""
    rows = Contact.objects.in_bulk([contact.pk])
    generation = [contact.pk]
    while generation:
        merged = Contact.objects.filter(merged_into__in=generation).in_bulk()
        generation = [pk for pk in merged if pk not in rows]
        rows |= merged
    ids = frozenset(rows)
    accounts = frozenset(row.account_id for row in rows.values() if row.account_id)
    own = frozenset(Deal.objects.filter(contact__in=ids).values_list("pk", flat=True))
    of_accounts = Deal.objects.filter(account__in=accounts).values_list("pk", flat=True)
    return Person(
        ids=ids,
        own_deal_ids=own,
        deal_ids=own | personal.deals_naming(Contact, ids) | set(of_accounts),
        account_ids=accounts,
        names=frozenset(row.name for row in rows.values()),
        addresses=frozenset(
            address
            for row in rows.values()
            for address in (normal_address(row.email), row.email.lower())
            if address
        ),
        phones=frozenset(row.phone for row in rows.values() if row.phone),
    )


@transaction.atomic
def erase(contact: Contact, *, by: User | None, version: int | None = None) -> Contact:
    """Take everything personal out of every table, file and waiting mail. There is no undo.

    Raises ActionRefused for somebody erased already or merged into another, and while an import or export runs;
    StaleVersion.
    """
    person = person_of(contact)
    list(Deal.objects.locked().filter(pk__in=person.deal_ids).values_list("pk"))
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    pipeline.check_version(contact, version)
    if contact.erased_at is not None:
        raise ActionRefused(_("This person was erased already."))
    if contact.merged_into_id is not None:
        raise ActionRefused(_("This person was merged into another: erase that one."))
    personal.erase(person)
    _erase_on_deals(person)
    erasing.erase(person, by=by)
    Merge.objects.filter(
        Q(kept_id__in=person.ids) | Q(gone_id__in=person.ids), kind="contact"
    ).update(before={})
    _blank_rows(person)
    actor_id = by.pk if by else None
    publish([PersonErased(actor_id=actor_id, row_id=contact.pk, kind="contact")])
    _note(contact)
    contact.refresh_from_db()
    return contact


# ---- a backup must not bring anybody back ------------------------------------------------------------


def journal() -> Path:
    """Which rows were erased, beside the database: a line each, and nothing personal in it. Keep it with the backups."""
    return Path(settings.VAR_DIR) / "erasures.log"


def _note(contact: Contact) -> None:
    line = json.dumps({"contact": contact.pk, "created_at": contact.created_at.isoformat()})

    def write() -> None:
        with journal().open("a") as kept:
            kept.write(f"{line}\n")

    transaction.on_commit(write, robust=True)


def erase_again() -> int:
    """Erase whom a restored backup brought back; returns how many. A row that took an old number is left alone."""
    lines = journal().read_text().splitlines() if journal().exists() else []
    noted = {(one["contact"], one["created_at"]) for one in map(json.loads, lines)}
    found = Contact.objects.filter(pk__in=[pk for pk, _at in noted], erased_at=None)
    back = [one for one in found if (one.pk, one.created_at.isoformat()) in noted]
    for one in back:
        erase(one, by=None)
    return len(back)


def _erase_on_deals(person: Person) -> None:
    """What they said as the buyer goes altogether; from what others wrote, only what names them."""
    own = Q(deal__in=person.own_deal_ids)
    erasing.blank(Outcome.objects.filter(own), "buyer_words")
    proposals = Proposal.objects.filter(own)
    erasing.blank(proposals, "words")
    _blank_objections(proposals)
    checks = ValueCheck.objects.filter(order__deal__in=person.deal_ids)
    erasing.blank(checks.filter(order__deal__in=person.own_deal_ids), "words")
    erasing.strike(person, Deal.objects.filter(pk__in=person.deal_ids))
    erasing.strike_on_deals(person, Deal, app="deals")
    erasing.strike(person, checks)
    erasing.strike(person, Account.objects.filter(pk__in=person.account_ids), "extra")
    colleagues = Contact.objects.filter(account__in=person.account_ids).exclude(pk__in=person.ids)
    erasing.strike(
        person, colleagues, "title", "extra", "do_not_contact_why", "consent", "consent_source"
    )
    erasing.strike(person, BulkJob.objects.all(), "values", "why_failed")
    _strike_queries(person)


def _blank_objections(proposals: Any) -> None:
    """Theirs is struck, our reply and whether that settled it stay."""
    raised = list(proposals.exclude(objections=[]).order_by("pk"))
    for one in raised:
        one.objections = [point | {"objection": STRUCK} for point in one.objections]
    Proposal.objects.bulk_update(raised, ["objections"], batch_size=500)


def _strike_queries(person: Person) -> None:
    """What somebody searched for by name, and kept."""
    jobs = list(BulkJob.objects.exclude(query="").order_by("pk"))
    views = list(SavedView.objects.order_by("pk"))
    for job in jobs:
        job.query = erasing.struck_query(person, job.query)
    for view in views:
        view.query = erasing.struck_query(person, view.query)
        if person.is_named_in(view.name):
            view.name = f"{STRUCK} {view.pk}"  # a name stands once
    BulkJob.objects.bulk_update(jobs, ["query"], batch_size=500)
    SavedView.objects.bulk_update(views, ["query", "name"], batch_size=500)


def _blank_rows(person: Person) -> None:
    """The rows themselves stay, so that what hangs on them still counts: with no name, archived, never to be contacted."""
    now = timezone.now()
    with translation.override(settings.LANGUAGE_CODE):
        name = _("Erased person")
    rows = Contact.objects.filter(pk__in=person.ids)
    rows.update(
        name=name,
        title="",
        email="",
        phone="",
        folded="",
        name_key="",
        language="",
        time_zone="",
        country="",
        external_id=None,
        extra={},
        do_not_contact=True,
        do_not_contact_scope=NoContact.ALL,
        do_not_contact_why=STRUCK,
        consent="",
        consent_on=None,
        consent_source="",
        archived_at=now,
        erased_at=now,
        version=F("version") + 1,
        updated_at=now,
    )
    directory.rename_in_search(contacts=list(rows))
