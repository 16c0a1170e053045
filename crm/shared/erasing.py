"""Taking the words of and about a person out of rows that stay: each app for its own, here what the ground keeps.

Where something stood, STRUCK stands: rows, figures and what is counted by them remain as they were.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    F,
    JSONField,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.http import QueryDict
from django.utils import timezone

from crm.shared import mailing, moving, personal
from crm.shared.models import EventRecord, Notice, OutgoingMail, StoredAnswer
from crm.shared.models.searchable import FoldedField
from crm.shared.personal import STRUCK
from crm.shared.states import HELD, Audience, MailState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crm.shared.models import User
    from crm.shared.personal import Person

CHUNK = 500
NO_WORDS = frozenset({"external_id", "currency", "country", "language", "time_zone", "slug"})
GONE = 410
# What events say in words, and which of these are the buyer's own.
SAID = frozenset(
    {"note", "resource", "commitment", "what", "because", "words", "offer", "issue", "objections"}
)
SAID_BY_BUYERS = frozenset({"words", "objections", "buyer_words"})


# ---- rows of any app ---------------------------------------------------------------------------------


def words_of(model: type[Model], *kinds: type[Any]) -> list[str]:
    """The columns of a model that hold words: not codes, ids, secrets, or what is derived."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, kinds or (CharField, TextField, JSONField))
        and not isinstance(field, FoldedField)
        and not field.choices
        and field.attname not in NO_WORDS
        and not field.attname.endswith("_hash")
    ]


def blank_naming(person: Person, model: type[Model], *, app: str) -> None:
    """Strike all words of the rows of `app` that name the person in a column of theirs."""
    for field in moving.pointing_at(model, app=app):
        blank(field.model._default_manager.filter(**{f"{field.attname}__in": person.ids}))


def blank(rows: QuerySet[Any], *names: str) -> None:
    """Strike the words of these columns, or of all; one statement."""
    changes: dict[str, Any] = {
        name: Case(
            When(Q(**{name: ""}) | Q(**{f"{name}__isnull": True}), then=F(name)),
            default=Value(STRUCK),
            output_field=rows.model._meta.get_field(name),
        )
        for name in names or words_of(rows.model, CharField, TextField)
    }
    if changes:
        rows.update(**changes | _stamps(rows.model))


def strike_on_deals(person: Person, model: type[Model], *, app: str) -> None:
    """Strike what names the person from the words of all rows of `app` that hang on their deals."""
    for field in moving.pointing_at(model, app=app):
        if field.name == "deal":
            strike(person, field.model._default_manager.filter(deal__in=person.deal_ids))


def strike(person: Person, rows: QuerySet[Any], *names: str) -> None:
    """Strike what names the person from these columns, or from all that hold words; two statements for 500 rows."""
    names = names or tuple(words_of(rows.model))
    if names:
        for some in _in_chunks(_struck(person, rows, names)):
            stamps = _stamps(rows.model)
            for row in some:
                for name, value in stamps.items():
                    setattr(row, name, value)
            rows.model._default_manager.bulk_update(some, [*names, *stamps])


def _struck(person: Person, rows: QuerySet[Any], names: tuple[str, ...]) -> Iterator[Any]:
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        before = {name: getattr(row, name) for name in names}
        after = {name: person.struck(value) for name, value in before.items()}
        if after != before:
            for name, value in after.items():
                longest = getattr(row._meta.get_field(name), "max_length", None)
                setattr(row, name, value[:longest] if isinstance(value, str) else value)
            yield row


def _in_chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """All are found before the first is written: a cursor that is read from must not meet its own writing."""
    found = list(rows)
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def _stamps(model: type[Model]) -> dict[str, Any]:
    """Who has one of these rows before them in a form must be told that it changed."""
    known = {field.attname for field in model._meta.concrete_fields}
    stamps: dict[str, Any] = {"version": F("version") + 1, "updated_at": timezone.now()}
    return {name: value for name, value in stamps.items() if name in known}


def struck_query(person: Person, query: str) -> str:
    """The filters of an address without words that name the person."""
    asked = QueryDict(query, mutable=True)
    for name, values in list(asked.lists()):
        asked.setlist(name, person.struck(values))
    return asked.urlencode() if person.is_named_in(list(QueryDict(query).values())) else query


# ---- what the ground keeps ---------------------------------------------------------------------------


def erase(person: Person, *, by: User | None) -> None:
    """Mails, refusals, the record, bells, and answers kept for programs. Needs a transaction."""
    mailing.forget_addresses(person.addresses, by=by)
    _erase_mails(person)
    _erase_events(person)
    strike(person, Notice.objects.filter(event__deal_id__in=person.deal_ids), "text")
    _erase_answers(person)


def _erase_mails(person: Person) -> None:
    """What waits is cancelled; what is going out this instant may arrive, and is not sent again."""
    theirs = OutgoingMail.objects.filter(contact_id__in=person.ids, audience=Audience.BUYER)
    mailing.cancel(theirs)
    theirs.filter(state__in=sorted(HELD)).update(
        state=MailState.UNCERTAIN, sent_at=timezone.now(), claim_token=None, lease_until=None
    )
    theirs.update(to_address="", normal_address="", subject=STRUCK, message=b"", last_error="")
    ours = OutgoingMail.objects.filter(deal_id__in=person.deal_ids).defer("message")
    strike(person, ours, "subject", "last_error")


def _erase_events(person: Person) -> None:
    changed = []
    for event in personal.events_of(person).iterator(chunk_size=CHUNK):
        data = _without_words(event.data, _said_of(person, event))
        data = person.struck(data)
        if data.get("dropped"):  # rows that a merge took away, for its undo
            data["dropped"] = []
        if data != event.data:
            event.data = data
            changed.append(event)
    EventRecord.objects.bulk_update(changed, ["data"], batch_size=CHUNK)


def _said_of(person: Person, event: EventRecord) -> frozenset[str]:
    """Which words of an event are of or about the person, whatever they say."""
    if event.data.get("contact_id") in person.ids:
        return SAID
    return SAID_BY_BUYERS if event.deal_id in person.own_deal_ids else frozenset()


def _without_words(value: Any, said: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _blanked(inner) if key in said else _without_words(inner, said)
            for key, inner in value.items()
        }
    return value


def _blanked(value: Any) -> Any:
    """The same with STRUCK for every text that said something."""
    if isinstance(value, str):
        return STRUCK if value else value
    if isinstance(value, list):
        return [_blanked(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _blanked(inner) for key, inner in value.items()}
    return value


def _erase_answers(person: Person) -> None:
    """First answers that are kept for a day; whoever repeats such a request is told that its answer is gone."""
    named = [
        row.pk
        for row in StoredAnswer.objects.only("body").iterator(chunk_size=CHUNK)
        if _tells_of(person, row.body)
    ]
    StoredAnswer.objects.filter(pk__in=named).update(status=GONE, body="", headers={})


def _tells_of(person: Person, body: str) -> bool:
    try:
        found = json.loads(body)
    except ValueError:
        return person.is_named_in(body)
    return person.is_named_in(found) or _refers_to(person, found)


def _refers_to(person: Person, value: Any) -> bool:
    """Whether some object in it is theirs by its number."""
    if isinstance(value, list):
        return any(_refers_to(person, inner) for inner in value)
    if isinstance(value, dict):
        named = (value.get(name) for name in ("contact", "contact_id"))
        return any(isinstance(pk, int) and pk in person.ids for pk in named) or any(
            _refers_to(person, inner) for inner in value.values()
        )
    return False


def remove_after_commit(files: Iterable[Path]) -> None:
    """Throw files away once the transaction that forgets them is sure to stand."""
    found = list(files)

    def remove() -> None:
        for path in found:
            path.unlink(missing_ok=True)

    transaction.on_commit(remove)
