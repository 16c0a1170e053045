"""Exporting and erasing a person: words planted in every field by the actions, then looked for in every table."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.exports.models import Export
from crm.imports import preparing, running
from crm.imports.models import Import, ImportedRow
from crm.shared import claims, mailing
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, OutgoingMail, Suppression, User
from crm.shared.states import MailState
from deals import personal
from deals.actions import (
    closing,
    correcting,
    directory,
    directory_merge,
    erasing,
    orders,
    outlook,
    pipeline,
    proposals,
    saved_views,
)
from deals.models import Contact, Deal, Merge, Outcome, Proposal
from followups.actions import touches
from followups.models import FollowUp, Touch
from referrals.actions import asks
from referrals.models import ReferralAsk
from reviews.actions import feedback, inviting, reviewing
from reviews.models import BuyerFeedback, FeedbackInvitation, Review
from tests.factories import deals, exports, followups, mail, referrals, reviews
from tests.factories import imports as files
from tests.programs import program

pytestmark = pytest.mark.django_db

NAME = "Zsófia Quillmark"
TURNED = "QUILLMARK, Zsófia"
MAIL = "zsofia@quillmark.example"
PHONE = "+44 20 7946 0123"
SECRET = "xyzzy"  # what is said with or about them, and does not name them
MARKS = ("quillmark", "zsófia", "zsofia", "79460123", "7946 0123", "7946-0123", SECRET)

CONTACTS = (
    "External id,Name,Email,Phone,Title,Account,Shoe size\n"
    f"V-1,{NAME},{MAIL},{PHONE},Buyer {SECRET},Northwind,{SECRET} 38\n"
    f"V-2,{NAME},no address of Quillmark at all,,,Northwind,\n"
)


def brought_in(text: str, *, by: User, tmp_path: Path, kind: str = "contacts") -> Import:
    """Uploaded and run, as a person does it."""
    path = tmp_path / "zsofia@quillmark.example.csv"
    path.write_text(text, encoding="utf-8")
    with path.open("rb") as file:
        stored_as, _size = preparing.store(file, name=path.name)
    job = preparing.bring_in(kind=kind, stored_as=stored_as, name=path.name, by=by)
    done = running.run(job.pk)
    assert done is not None
    return done


def planted(rep: User, tmp_path: Path) -> Contact:
    """A person with something in every field that can hold words, by the actions that people and files use."""
    brought_in(CONTACTS, by=rep, tmp_path=tmp_path)
    brought_in(CONTACTS.replace("Buyer", "Head buyer"), by=rep, tmp_path=tmp_path)
    person = Contact.objects.get(name=NAME)
    twin = deals.contact(owner=rep, name="Z. Quillmark-Old", email="old@quillmark.example")
    directory_merge.merge(person, twin, take=["email"], by=rep)
    person.refresh_from_db()
    directory.edit_contact(person, by=rep, email=MAIL, consent=SECRET, consent_source=SECRET)
    lose(person, rep)
    win(person, rep)
    deals.deal(owner=rep, account=person.account, title=f"Other, not for {TURNED}")
    return person


def lose(person: Contact, rep: User) -> None:
    """A deal with all that can be said on it, lost; asked why, asked for a referral, reviewed."""
    deal = deals.deal(
        owner=rep, title=f"Fridges for {NAME.upper()}", account=person.account, contact=person
    )
    other = deals.contact(owner=rep, account=person.account)
    directory.add_stakeholder(deal, by=rep, contact=person, role="champion")
    pipeline.edit(deal, by=rep, contact=other)
    pipeline.edit(deal, by=rep, contact=person, source=f"through {TURNED}")
    followups.touch(deal, contact=person, note=SECRET, extra={"mood": SECRET})
    followups.touch(deal, contact=person, resource=SECRET, commitment=SECRET)
    followups.touch(deal, contact=other, note=f"Ask {NAME}, 020 7946-0123, again")
    touches.log_touch(deal, by=rep, channel="call", result="answered", contact=person, note=SECRET)
    now = timezone.now()
    sent = proposals.send(deal, by=rep, sent_on=now.date(), offer=f"As {NAME} wished")
    said = [{"objection": SECRET, "reply": f"{NAME} was told", "is_settled": False}]
    proposals.note_objections(sent, by=rep, objections=said)
    proposals.answer(sent, by=rep, state="declined", words=SECRET)
    until = timezone.localdate() + dt.timedelta(days=9)
    outlook.park(deal, until=until, because=f"{NAME} is away", by=rep, now=now)
    outlook.unpark(deal, by=rep)
    closing.lose(
        deal,
        reason=deals.reason(),
        by=rep,
        buyer_words=SECRET,
        note=f"{TURNED} decided",
    )
    correcting.edit_outcome(deal.outcomes.get(), by=rep, buyer_words=f"{SECRET} {SECRET}")
    invited(deal, person)
    outcome = Outcome.objects.get(deal=deal)
    for ask in ReferralAsk.objects.filter(outcome=outcome, contact=person):
        asks.asked(ask, by=rep, now=now, letter=f"Dear {NAME}, {SECRET}")
    waived = referrals.ask(owner=rep, outcome=outcome, contact=person, origin="win")
    asks.waive(waived, by=rep, why=SECRET)
    review = Review.objects.filter(deal=deal).first() or reviewing.start(deal, by=rep, now=now)
    draft = reviews.complete_draft(
        value=f"{NAME} said so",
        voices=f"{NAME}",
        factors_words=f"{TURNED}",
        next_times=[reviewing.Promise(text=f"Call {NAME} first")],
    )
    reviewing.hold(review, by=rep, now=now, draft=draft)


def invited(deal: Deal, person: Contact) -> None:
    """Asked by mail why; answered in words."""
    made = FeedbackInvitation.objects.filter(
        deal=deal
    ).first() or FeedbackInvitation.objects.create(
        deal=deal, outcome=deal.outcomes.get(), contact=person, due_at=timezone.now()
    )
    FeedbackInvitation.objects.filter(pk=made.pk).update(due_at=timezone.now())
    inviting.invite_due(now=timezone.now())
    made.refresh_from_db()
    given = feedback.Answer(words=SECRET, value_statement=SECRET, can_help=SECRET, may_contact=True)
    feedback.answer(made, given=given, now=timezone.now())


def win(person: Contact, rep: User) -> None:
    """A won deal whose customer was asked what they got of it."""
    deal = deals.won(owner=rep, account=person.account, contact=person, title=f"More for {NAME}")
    order = orders.move(deal.orders.get(), to="delivered", by=rep)
    orders.move(order, to="issue", by=rep, issue=f"{NAME} says it hums")
    check = order.checks.first()
    assert check is not None
    orders.check_value(check, by=rep, now=timezone.now(), satisfaction=3, words=SECRET)


def kept_elsewhere(person: Contact, rep: User) -> None:
    """A saved search, a list taken out, an answer kept for a program, a mail that waits."""
    query = f"search={NAME.replace(' ', '+')}"
    saved_views.keep(by=rep, name=f"All of {NAME}", query=query, shared_with="nobody")
    exports.export(by=rep, kind="contacts", query=query)
    said = {"name": "Somebody", "title": f"Boss of {NAME}", "account": person.account_id}
    answer = program(rep).post("/contacts/", said, idempotency_key="once")
    assert answer.status_code == 201, answer.content
    waiting = mail.to_buyer(
        due_at=timezone.now() + dt.timedelta(days=1),
        to_address=MAIL,
        contact_id=person.pk,
        context={"subject": SECRET, "words": SECRET},
    )
    mail.queued(waiting)


def everything_in(text: str) -> set[str]:
    """The marks that stand in a text, whatever the case."""
    return {mark for mark in MARKS if mark in text.casefold()}


def found_in_database() -> dict[str, set[str]]:
    """Which marks stand where: every column of every table, as people read it."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values():
            for name, value in row.items():
                text = bytes(value).decode(errors="replace") if is_bytes(value) else str(value)
                if marks := everything_in(text):
                    found.setdefault(f"{model._meta.label}.{name}", set()).update(marks)
    return found


def is_bytes(value: Any) -> bool:
    return isinstance(value, (bytes, memoryview))


@pytest.fixture
def person(rep: User, tmp_path: Path, settings: Any) -> Contact:
    mail.use_templates(settings)
    made = planted(rep, tmp_path)
    kept_elsewhere(made, rep)
    return made


def test_an_export_holds_what_every_app_knows(person: Contact, admin: User, rep: User) -> None:
    told = personal.export(person, viewer=admin)

    assert (told["contact_id"], told["is_complete"]) == (person.pk, True)
    text = json.dumps(told, default=str, ensure_ascii=False)
    assert everything_in(text) == set(MARKS) - {"79460123"}  # nowhere so but in what is searched
    assert {kind for kind, rows in told["held"].items() if SECRET in str(rows)} == {
        "deals.contact",
        "deals.merge",
        "deals.outcome",
        "deals.proposal",
        "deals.valuecheck",
        "followups.touch",
        "imports.importchange",
        "referrals.referralask",
        "reviews.buyerfeedback",
        "shared.eventrecord",
        "shared.outgoingmail",
    }
    assert personal.export(person, viewer=rep)["is_complete"] is False


@pytest.mark.django_db(transaction=False)
def test_after_erasing_nothing_is_found_in_any_table(
    person: Contact, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    before = found_in_database()
    assert {"deals.Contact.name", "shared.EventRecord.data", "imports.ImportedRow.cells"} <= {
        *before
    }
    uploaded = {Path(settings.MEDIA_ROOT) / one.stored_as for one in Import.objects.all()}
    files = uploaded | {one.path for one in Export.objects.all()}
    counts = {model: model._default_manager.count() for model in (Deal, Touch, FollowUp, Outcome)}

    with django_capture_on_commit_callbacks(execute=True):
        gone = erasing.erase(person, by=manager)

    assert found_in_database() == {}
    assert len(files) == 3
    assert [path for path in files if path.exists()] == []
    assert {model: model._default_manager.count() for model in counts} == counts
    assert (gone.name, gone.email, gone.do_not_contact) == ("Erased person", "", True)
    event = EventRecord.objects.get(name="directory.person_erased")
    assert (event.actor_id, event.data) == (manager.pk, {"row_id": person.pk, "kind": "contact"})
    # What was said is gone; that it was said still counts.
    touched = Touch.objects.filter(contact=gone).exclude(note="")
    assert touched.count() == 2
    answer = BuyerFeedback.objects.get()
    assert (answer.words, answer.may_contact) == ("[…]", False)
    assert Proposal.objects.get().objections[0]["objection"] == "[…]"
    assert not Import.objects.exclude(stored_as="").exists()
    assert not ImportedRow.objects.exists()
    waiting = OutgoingMail.objects.filter(contact_id=gone.pk, state=MailState.SCHEDULED)
    assert not waiting.exists()


def test_erasing_is_for_ever_and_no_mail_goes_there_again(
    person: Contact, manager: User, rep: User, tmp_path: Path, now: dt.datetime, client: Client
) -> None:
    merge = Merge.objects.get()
    ours = deals.contact(owner=rep)
    listed = exports.copy_of(exports.export(by=rep, kind="contacts"), tmp_path)
    gone = erasing.erase(person, by=manager, version=person.version + 1)
    erasing.erase(ours, by=manager)

    for again in (
        lambda: erasing.erase(gone, by=manager),
        lambda: directory.restore(gone, by=manager),
        lambda: directory.edit_contact(gone, by=manager, name=NAME),
        lambda: directory_merge.undo(merge, by=manager),
        lambda: directory_merge.merge(deals.contact(owner=rep), gone, by=manager),
    ):
        with pytest.raises(ActionRefused):
            again()
    with pytest.raises(ActionRefused, match="upload it again"):
        preparing.again(Import.objects.all()[0], by=rep)

    # A list from before still names a row that is nobody now: that does not come back to life, the person does.
    counts = files.ran(listed, by=rep, kind="contacts").counts
    assert (counts["rejected"], counts["created"]) == (1, 1)
    anew = Contact.objects.get(name=NAME)
    client.force_login(rep)
    shown = client.get(f"/contacts/{anew.pk}/").content.decode()
    assert "This address wants no mail since" in shown
    assert anew.pk != gone.pk
    assert set(Suppression.objects.values_list("why", flat=True)) == {""}
    queued = mail.queued(
        mail.to_buyer(due_at=now, to_address=f" {MAIL.upper()}", contact_id=anew.pk)
    )
    assert queued.state == MailState.SUPPRESSED
    assert [one.contact_id for one in FeedbackInvitation.objects.planned()] == []
    mailing.lift(MAIL, why="")
    assert mailing.is_suppressed(MAIL) is not None


def test_a_mail_in_hand_is_not_sent_to_who_was_erased_meanwhile(
    person: Contact, manager: User, now: dt.datetime, settings: Any
) -> None:
    for name, value in mail.EVERY_HOUR.items():
        setattr(settings, name, value)
    one = mail.queued(mail.to_buyer(due_at=now, to_address=MAIL, contact_id=99))
    [held] = [held for held in claims.claim(9, claims.clock(now)) if held.mail.pk == one.pk]

    mailing.forget_addresses([MAIL], by=manager)
    OutgoingMail.objects.filter(pk=one.pk).update(  # as if it had been claimed in the same instant
        state=MailState.CLAIMED,
        claim_token=held.mail.claim_token,
        lease_until=held.mail.lease_until,
    )

    assert claims.begin(held, claims.clock(now)) is False


def test_erasing_takes_as_many_statements_for_many_as_for_one(rep: User, admin: User) -> None:
    counts = []
    for touched in (1, 12):
        person = deals.contact(owner=rep)
        for _number in range(touched):
            deal = deals.deal(owner=rep, contact=person, title=f"With {person.name}")
            followups.touch(deal, note=f"Met {person.name}")
        with CaptureQueriesContext(connection) as captured:
            erasing.erase(person, by=admin)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_pages_export_ask_first_and_say_who_erased(
    rep: User, manager: User, client: Client
) -> None:
    person = deals.contact(owner=rep, name=NAME)
    page, erase = f"/contacts/{person.pk}/", f"/contacts/{person.pk}/erase/"
    client.force_login(rep)
    told = client.get(f"{page}export/")
    assert (
        told["Content-Disposition"] == f'attachment; filename="person-{person.pk}-2026-04-20.json"'
    )
    assert told.json()["held"]["deals.contact"][0]["name"] == NAME
    assert erase not in client.get(page).content.decode()

    client.force_login(manager)
    assert erase in client.get(page).content.decode()
    unsure = client.post(erase, {"version": person.version})
    stale = client.post(erase, {"version": person.version + 1, "is_sure": "on"})
    assert (unsure.status_code, stale.status_code) == (422, 409)
    assert Contact.objects.get(pk=person.pk).name == NAME
    done = client.post(erase, {"version": person.version, "is_sure": "on"}, follow=True)

    shown = done.content.decode()
    assert "Erased by Mona Manager on" in shown
    assert NAME not in shown


def test_a_restored_backup_brings_nobody_back(
    rep: User, admin: User, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.VAR_DIR = tmp_path
    person, other = deals.contact(owner=rep, name=NAME), deals.contact(owner=rep)
    backup = Contact.objects.filter(pk=person.pk).values().get()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(person, by=admin)
        erasing.erase(other, by=admin)
    Contact.objects.filter(pk=person.pk).update(**backup)
    later = timezone.now() + dt.timedelta(days=1)  # another person, who took the old number
    Contact.objects.filter(pk=other.pk).update(**backup | {"id": other.pk, "created_at": later})

    assert [erasing.erase_again(), erasing.erase_again()] == [1, 0]

    assert Contact.objects.get(pk=person.pk).email == ""
    assert Contact.objects.get(pk=other.pk).name == NAME
    assert NAME not in erasing.journal().read_text()
