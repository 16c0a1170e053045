"""What is known of one person: who they are, which words name them, and all that the apps hold of them.

`PERSON_SOURCES` of the wiring says what is exported, `PERSON_ERASERS` what is erased; each app has its part in both.
"""

from __future__ import annotations

import dataclasses
import re
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q

from crm.shared import moving
from crm.shared.folding import IDEOGRAPH, phone_digits
from crm.shared.models import EventRecord, Keyed, OutgoingMail, Suppression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model, QuerySet

    from crm.shared.models import User

    Rows = list[dict[str, Any]]
    PersonSource = Callable[["Person", User], dict[str, Rows]]
    PersonEraser = Callable[["Person"], None]

DERIVED = Keyed.FOLDED
STRUCK = "[…]"  # stands where words were: that something was said still counts
SHORTEST_NAME = 3  # letters of a name that is one word
SHORTEST_NUMBER = 7  # digits of a phone number
TAIL = 9  # digits that stay the same however the country is written
BETWEEN_DIGITS = r"[\s().\-/]*"
ANY_PREFIX = r"(?:[+(]|\b)[\d\s().\-/]{0,12}?"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Person:
    """A contact, with those that were merged into it, as the apps find what they hold of them.

    `own_deal_ids`: they are the contact of it; `deal_ids`: these, all in which they had a part, and those of their companies.
    """

    ids: frozenset[int]
    own_deal_ids: frozenset[int]
    deal_ids: frozenset[int]
    account_ids: frozenset[int]
    names: frozenset[str]
    addresses: frozenset[str]
    phones: frozenset[str]

    def struck(self, value: Any) -> Any:
        """The same text, list or mapping without the words that name this person."""
        if isinstance(value, str):
            return self._named.sub(STRUCK, value) if self._named else value
        if isinstance(value, dict):
            return {self.struck(key): self.struck(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.struck(inner) for inner in value]
        return value

    def is_named_in(self, value: Any) -> bool:
        return bool(self.struck(value) != value)

    @cached_property
    def _named(self) -> re.Pattern[str] | None:
        """Full names either way round, addresses, and phone numbers however they are written; in any case."""
        found = [re.escape(address) for address in self.addresses if address]
        found += [pattern for name in self.names for pattern in _of_name(name)]
        found += [
            ANY_PREFIX + BETWEEN_DIGITS.join(digits[-TAIL:])
            for digits in map(phone_digits, self.phones)
            if len(digits) >= SHORTEST_NUMBER
        ]
        found.sort(key=len, reverse=True)
        return re.compile("|".join(found), re.IGNORECASE) if found else None


def _of_name(name: str) -> Iterator[str]:
    words = name.split()
    if not words or (len(name) < SHORTEST_NAME and not IDEOGRAPH.search(name)):
        return
    # Scripts without blanks have no ends of words.
    edge = "" if IDEOGRAPH.search(name) else r"\b"
    for order in {tuple(words), (*words[-1:], *words[:-1])}:
        yield edge + r",?\s+".join(map(re.escape, order)) + edge


# ---- what the apps hold ------------------------------------------------------------------------------


def told_of(person: Person, *, viewer: User) -> dict[str, Rows]:
    """All that the apps hold of a person and `viewer` sees, by the name of its kind, from the sources of the wiring."""
    sources: list[PersonSource] = import_module(settings.WIRING).PERSON_SOURCES
    found: dict[str, Rows] = {}
    for source in sources:
        found |= source(person, viewer)
    return found | on_the_ground(person, viewer)


def erase(person: Person) -> None:
    """Let every app erase its part. Needs a transaction. Raises ActionRefused where one cannot now."""
    erasers: list[PersonEraser] = import_module(settings.WIRING).PERSON_ERASERS
    for eraser in erasers:
        eraser(person)


def rows(found: QuerySet[Any], *names: str) -> Rows:
    """Rows as plain values of `names`, or of all columns but secrets and what is derived."""
    fields = [field.attname for field in found.model._meta.concrete_fields]
    known = [name for name in fields if not name.endswith("_hash") and name not in DERIVED]
    return list(found.order_by("pk").values(*(names or known)))


def rows_naming(person: Person, model: type[Model], *, app: str, viewer: User) -> dict[str, Rows]:
    """The rows of an app that name this person in a column of theirs, as far as `viewer` sees them."""
    found: dict[str, Rows] = {}
    for field in moving.pointing_at(model, app=app):
        seen = field.model._default_manager.visible_to(viewer)
        named = seen.filter(**{f"{field.attname}__in": person.ids})
        found[f"{field.model._meta.label_lower}"] = rows(named)
    return found


def deals_naming(model: type[Model], ids: frozenset[int]) -> set[int]:
    """The deals on which something, in any app, names one of these rows of `model`: one query a column."""
    found: set[int] = set()
    for config in apps.get_app_configs():
        for field in moving.pointing_at(model, app=config.label):
            named = field.model._default_manager.filter(**{f"{field.attname}__in": ids})
            if any(one.attname == "deal_id" for one in field.model._meta.concrete_fields):
                found |= set(named.values_list("deal_id", flat=True))
    return found


def events_of(person: Person) -> QuerySet[EventRecord]:
    """What happened on the deals of the person, and to their own row."""
    own = Q(deal_id=None, subject_kind="row", subject_id__in=person.ids)
    return EventRecord.objects.filter(Q(deal_id__in=person.deal_ids) | own).order_by("pk")


def concerns(person: Person, event: EventRecord) -> bool:
    """Whether it happened to or with this person, and not only on a deal of theirs."""
    kind = str(event.data.get("kind", ""))
    if event.subject_kind == "row":
        return event.subject_id in person.ids and kind.rpartition(".")[2] == "contact"
    return event.data.get("contact_id") in person.ids or person.is_named_in(event.data)


def on_the_ground(person: Person, viewer: User) -> dict[str, Rows]:
    """Mails to the person, what stops mail to them, and what is on the record."""
    from_all = viewer.visible_owner_ids is None
    mails = OutgoingMail.objects.filter(contact_id__in=person.ids)
    seen = mails if from_all else mails.visible_to(viewer)
    shown = ("id", "deal_id", "to_address", "subject", "state", "due_at", "sent_at", "last_error")
    stops = Suppression.objects.visible_to(viewer).filter(address__in=person.addresses)
    return {
        "shared.outgoingmail": rows(seen, *shown),
        "shared.suppression": rows(stops),
        "shared.eventrecord": [
            {
                "id": event.pk,
                "name": event.name,
                "at": event.at,
                "actor_id": event.actor_id,
                "deal_id": event.deal_id,
                "data": event.data,
            }
            for event in events_of(person).iterator(chunk_size=1000)
            if concerns(person, event)
        ],
    }
