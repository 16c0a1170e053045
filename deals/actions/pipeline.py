"""Deals on their way: open, edit, move, and the columns that touches keep up to date."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import changing, loading
from crm.shared.errors import ActionRefused
from crm.shared.events import DealEdited, DealImported, DealMoved, DealOpened
from crm.shared.publishing import publish
from crm.shared.versions import check_version as check_version
from deals.models import Account, Contact, Deal, Order, Proposal, Stage, StageChange
from deals.states import Phase

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from crm.shared.models import User

OnDeal = TypeVar("OnDeal", Order, Proposal)

EDITABLE = frozenset(
    {
        "title",
        "account",
        "contact",
        "owner",
        "amount",
        "currency",
        "expected_close_on",
        "product",
        "source",
        "target_list",
    }
    | {"need", "authority", "budget", "timing", "fit"}
)


def plain(row: Any, name: str) -> Any:
    """What a row says under a name; of a related row its key, so that it need not be read."""
    return getattr(row, row._meta.get_field(name).attname)


def says(row: Any, name: str, value: Any) -> bool:
    """Whether a row says so already."""
    return bool(plain(row, name) == (value.pk if isinstance(value, models.Model) else value))


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewDeal:
    """A deal to open. Without a stage it starts in the first; `opened_at` may lie in the past; `imported` starts nothing."""

    title: str
    owner: User
    account: Account | None = None
    contact: Contact | None = None
    stage: Stage | None = None
    opened_at: dt.datetime | None = None
    second_chance_of: Deal | None = None
    repeat_of: Deal | None = None
    is_sample: bool = False
    imported: bool = False
    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@transaction.atomic
def open_deal(*, by: User | None, title: str, owner: User, **fields: Any) -> Deal:
    """Open one deal; the fields are those of `NewDeal` and of the model."""
    known = {field.name for field in dataclasses.fields(NewDeal)} - {"fields"}
    named = {key: value for key, value in fields.items() if key in known}
    others = {key: value for key, value in fields.items() if key not in known}
    return open_deals([NewDeal(title=title, owner=owner, fields=others, **named)], by=by)[0]


@transaction.atomic
def open_deals(entries: Sequence[NewDeal], *, by: User | None) -> list[Deal]:
    """Open a batch: a fixed number of statements however many there are."""
    deals = loading.write_new(as_deals(entries))
    note_steps([first_step(deal, by=by) for deal in deals])
    publish([opened(deal, entry, by=by) for deal, entry in zip(deals, entries, strict=True)])
    return deals


def as_deals(entries: Sequence[NewDeal]) -> list[Deal]:
    """The deals to write, each in its first stage. Raises ActionRefused when there is none, or it is no stage to start in."""
    now = timezone.now()
    first_stage = Stage.objects.current().first()
    if first_stage is None:
        raise ActionRefused(_("There is no stage yet: an administrator adds one in Settings."))
    for entry in entries:
        _check_stage(entry.stage or first_stage)
        _check_amount(entry.fields)
    return [_as_deal(entry, stage=entry.stage or first_stage, now=now) for entry in entries]


Step = tuple[int, int | None, int, "dt.datetime", int | None]  # the values of STEP
STEP = ("deal_id", "from_stage_id", "to_stage_id", "at", "by_id")


def first_step(deal: Deal, *, by: User | None) -> Step:
    """A deal's way through the stages begins in the one that it stands in."""
    return (deal.pk, None, deal.stage_id, deal.opened_at, by.pk if by else None)


def note_steps(steps: Sequence[Step]) -> None:
    """Keep which deal came from which stage to which, and when."""
    loading.write_values(StageChange, STEP, steps)


def _check_stage(stage: Stage) -> None:
    """An open deal stands before the Order stage: only a win leads there (C7)."""
    if stage.phase == Phase.ORDER:
        text = _("Only a deal that was won stands in this stage.")
        raise ActionRefused(text, fields={"stage": text})


def _check_amount(facts: Mapping[str, Any]) -> None:
    if Decimal(facts.get("amount") or 0) < 0:
        text = _("An amount is not below zero.")
        raise ActionRefused(text, fields={"amount": text})


def opened(deal: Deal, entry: NewDeal, *, by: User | None) -> DealOpened | DealImported:
    if entry.imported:
        return DealImported(
            actor_id=by.pk if by else None, deal_id=deal.pk, at=deal.opened_at, title=deal.title
        )
    return DealOpened(
        actor_id=by.pk if by else None,
        deal_id=deal.pk,
        at=deal.opened_at,
        title=deal.title,
        second_chance_of=deal.second_chance_of_id,
        repeat_of=deal.repeat_of_id,
    )


def _as_deal(entry: NewDeal, *, stage: Stage, now: dt.datetime) -> Deal:
    opened_at = entry.opened_at or now
    fields = {"currency": settings.ORGANISATION_CURRENCY} | dict(entry.fields)
    return loading.new(
        Deal,
        title=entry.title,
        owner=entry.owner,
        account=entry.account,
        contact=entry.contact,
        stage=stage,
        opened_at=opened_at,
        entered_stage_at=opened_at,
        second_chance_of=entry.second_chance_of,
        repeat_of=entry.repeat_of,
        is_sample=entry.is_sample,
        **fields,
    )


def edit(deal: Deal, *, by: User, version: int | None = None, **changes: Any) -> Deal:
    """Change facts of a deal, whatever its status; status, stage and derived columns have their own verbs."""
    return edit_many([Edit(deal=deal, changes=changes, version=version)], by=by)[0]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edit:
    """New facts of one deal, by name; `version` is the one that was read, None asks for no check."""

    deal: Deal
    changes: Mapping[str, Any]
    version: int | None = None


@transaction.atomic
def edit_many(entries: Sequence[Edit], *, by: User | None) -> list[Deal]:
    """Change facts of a batch, all or none; a deal that is so already stays untouched. In the order of `entries`."""
    now = timezone.now()
    locked = {
        deal.pk: deal
        for deal in Deal.objects.locked().filter(pk__in=[entry.deal.pk for entry in entries])
    }
    events, touched, names = [], [], set[str]()
    for entry in entries:
        deal = locked[entry.deal.pk]
        check_version(deal, entry.version)
        changed = _changed(deal, entry.changes)
        if not changed:
            continue
        record = {
            name: (str(getattr(deal, name) or ""), str(value or ""))
            for name, value in changed.items()
        }
        for name, value in changed.items():
            setattr(deal, name, value)
        deal.version, deal.updated_at = deal.version + 1, now
        events.append(DealEdited(actor_id=by.pk if by else None, deal_id=deal.pk, changes=record))
        touched.append(deal)
        names.update(changed)
    if touched:
        Deal.objects.bulk_update(touched, [*names, "version", "updated_at"], batch_size=500)
        publish(events)
    return [locked[entry.deal.pk] for entry in entries]


def _changed(deal: Deal, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What of `changes` is new. Raises ActionRefused for what is no fact, or not while the deal is closed."""
    if refused := changes.keys() - EDITABLE:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    _check_amount(changes)
    changed = {name: value for name, value in changes.items() if not says(deal, name, value)}
    if "owner" in changed and not deal.is_open:
        raise ActionRefused(
            _("A closed deal keeps its owner."), fields={"owner": _("The deal is closed.")}
        )
    return changed


@transaction.atomic
def move(deal: Deal, *, to: Stage, by: User | None, version: int | None = None) -> Deal:
    """Move one open deal to another stage, with history (C1)."""
    moved = move_many([deal], to=to, by=by, versions={deal.pk: version})
    return moved[0]


@transaction.atomic
def move_many(
    deals: Sequence[Deal],
    *,
    to: Stage,
    by: User | None,
    versions: Mapping[int, int | None] | None = None,
) -> list[Deal]:
    """Move open deals to `to`; those that are there already stay untouched. All or nothing."""
    _check_stage(to)
    now = timezone.now()
    locked = lock_deals([deal.pk for deal in deals])
    for deal in locked:
        check_version(deal, (versions or {}).get(deal.pk))
        if not deal.is_open:
            raise ActionRefused(_("“%(deal)s” is closed: undo that first.") % {"deal": deal.title})
    moving = [deal for deal in locked if deal.stage_id != to.pk]
    StageChange.objects.bulk_create(
        StageChange(deal=deal, from_stage=deal.stage, to_stage=to, at=now, by=by) for deal in moving
    )
    Deal.objects.filter(pk__in=[deal.pk for deal in moving]).update(
        stage=to, entered_stage_at=now, version=F("version") + 1, updated_at=now
    )
    publish([_moved(deal, to=to, by=by, now=now) for deal in moving])
    for deal in moving:
        deal.stage, deal.entered_stage_at, deal.version = to, now, deal.version + 1
    return locked


def _moved(deal: Deal, *, to: Stage, by: User | None, now: dt.datetime) -> DealMoved:
    return DealMoved(
        actor_id=by.pk if by else None,
        deal_id=deal.pk,
        from_stage=deal.stage.name,
        to_stage=to.name,
        days_in_stage=(now - deal.entered_stage_at).days,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchColumns:
    """What the touches of a deal say about it: the derived columns, whole."""

    touch_count: int
    first_outgoing_at: dt.datetime | None
    last_touch_at: dt.datetime | None
    last_heard_at: dt.datetime | None
    unanswered_touches: int

    @property
    def silent_since(self) -> dt.datetime | None:
        """Since when nothing was heard: the last word, else our first try (rule 4)."""
        return self.last_heard_at or self.first_outgoing_at


OF_TOUCHES = tuple(field.name for field in dataclasses.fields(TouchColumns))


def lock_deals(deal_ids: Sequence[int]) -> list[Deal]:
    """The deals, locked in pk order, with what an action of another app needs of them. Needs a transaction."""
    # In two statements: a joined row is read as it was before the wait for the lock, and a deal whose stage or owner
    # changed meanwhile would drop out of the join.
    locked = [deal.pk for deal in Deal.objects.locked().filter(pk__in=deal_ids).only("pk")]
    related = Deal.objects.select_related("stage", "account", "contact", "owner")
    return list(related.filter(pk__in=locked).order_by("pk"))


def lock_with_deal(row: OnDeal, *, version: int | None = None) -> OnDeal:
    """What hangs on a deal as it is now, the deal locked before it. Raises StaleVersion. Needs a transaction."""
    deal = lock_deals([row.deal_id])[0]
    locked = type(row).objects.locked().get(pk=row.pk)
    check_version(locked, version)
    locked.deal = deal
    return locked


@transaction.atomic
def note_touches(columns: Mapping[int, TouchColumns]) -> None:
    """Keep the derived columns of locked deals, by deal id. Hearing from the buyer clears the mark (rules 1, 5)."""
    known = Deal.objects.filter(pk__in=columns).values_list(
        "pk", "version", "closes_on", "last_heard_at"
    )
    rows = []
    for pk, version, closes_on, heard_before in known:
        facts = columns[pk]
        is_heard = facts.last_heard_at and (
            heard_before is None or facts.last_heard_at > heard_before
        )
        rows.append(
            (
                *(pk, version + 1, None if is_heard else closes_on, facts.silent_since),
                *(getattr(facts, name) for name in OF_TOUCHES),
            )
        )
    changing.change_values(Deal, ("version", "closes_on", "silent_since", *OF_TOUCHES), rows)


@transaction.atomic(savepoint=False)
def note_next_follow_up(due_at: Mapping[int, dt.datetime | None]) -> None:
    """Keep when the next follow-up of each deal is due, by deal id."""
    changing.change_values(Deal, ("next_follow_up_at",), list(due_at.items()))


@transaction.atomic
def note_agreed(deal: Deal, *, at: dt.datetime, until: dt.datetime | None) -> None:
    """A date agreed with the buyer counts as heard from them, and suspends every warning until it has passed (rule 1)."""
    Deal.objects.filter(pk=deal.pk).update(
        agreed_until=until,
        last_heard_at=at,
        silent_since=at,
        unanswered_touches=0,
        closes_on=None,
        version=F("version") + 1,
        updated_at=timezone.now(),
    )


@transaction.atomic
def mark_at_risk(deal_ids: Sequence[int], *, closes_on: Mapping[int, dt.date]) -> None:
    """Mark locked open deals with the day on which their stop rule closes them (rule 5)."""
    deals = [Deal(pk=deal_id, closes_on=closes_on[deal_id]) for deal_id in deal_ids]
    Deal.objects.bulk_update(deals, ["closes_on"], batch_size=500)


@transaction.atomic
def clear_risk(deal_ids: Sequence[int]) -> None:
    """Take the mark off deals whose stop rule no longer holds."""
    Deal.objects.filter(pk__in=deal_ids).update(closes_on=None, updated_at=timezone.now())
