"""The order that a win opens: delivery, satisfaction, the value checks, and repeat business (C7)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from crm.shared.selling_events import OrderEdited, OrderMoved, OrderOpened, ValueChecked
from deals.actions import pipeline, taking_part
from deals.models import Order, ValueCheck
from deals.states import CheckState, OrderState, check_order_move

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crm.shared.models import User
    from deals.models import Deal, Outcome

CHECK_AFTER_DAYS = (30, 90)  # from delivery, when the value begins
EDITABLE = frozenset({"promised_on", "delivered_on", "accepted_on", "satisfaction"})
HIGHEST = 10


def open_for(
    wins: Sequence[Outcome], *, causes: Mapping[int, int | None], by: User | None
) -> list[Order]:
    """Open the orders of wins just made, by outcome id caused by their records; within the transaction of the closing."""
    orders = Order.objects.bulk_create(Order(deal=win.deal, outcome=win) for win in wins)
    publish(
        [
            OrderOpened(
                actor_id=by.pk if by else None,
                deal_id=order.deal_id,
                order_id=order.pk,
                caused_by=causes[order.outcome_id],
            )
            for order in orders
        ]
    )
    return orders


def withdraw(undone: Collection[int], *, now: dt.datetime) -> None:
    """The wins of these outcomes were undone: their orders stay on the record and ask for nothing. In that transaction."""
    if undone:
        Order.objects.filter(outcome__in=undone).update(
            state=OrderState.WITHDRAWN, version=F("version") + 1, updated_at=now
        )


@transaction.atomic
def move(
    order: Order,
    *,
    to: str,
    by: User,
    on: dt.date | None = None,
    issue: str = "",
    version: int | None = None,
) -> Order:
    """Move an order on, as of a day (today); its delivery sets the days of the value checks, an issue says what it is.

    Raises ActionRefused for a move that is none, a day to come, or an issue without words; StaleVersion.
    """
    order = pipeline.lock_with_deal(order, version=version)
    check_order_move(order.state, to)
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise ActionRefused(
            _("This day is still to come."), fields={"on": _("Not later than today.")}
        )
    if to == OrderState.ISSUE and not issue.strip():
        raise ActionRefused(
            _("Say what the issue is."), fields={"issue": _("Say in a few words what it is.")}
        )
    was, order.state = order.state, to
    order.issue = issue.strip() if to == OrderState.ISSUE else ""
    if to == OrderState.DELIVERED or (to == OrderState.ACCEPTED and order.delivered_on is None):
        order.delivered_on = on
    if to == OrderState.ACCEPTED:
        order.accepted_on = on
    order.save_changed("state", "issue", "delivered_on", "accepted_on")
    _plan_checks(order)
    event = OrderMoved(
        actor_id=by.pk,
        deal_id=order.deal_id,
        order_id=order.pk,
        was=was,
        state=to,
        on=on.isoformat(),
        issue=order.issue,
    )
    publish([event])
    return order


@transaction.atomic
def edit(order: Order, *, by: User, version: int | None = None, **changes: Any) -> Order:
    """Change the dates and the satisfaction (0–10). Raises ActionRefused, StaleVersion."""
    order = pipeline.lock_with_deal(order, version=version)
    if refused := changes.keys() - EDITABLE:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    check_satisfaction(changes.get("satisfaction"))
    changed = {name: value for name, value in changes.items() if getattr(order, name) != value}
    if not changed:
        return order
    record = {name: (_plain(getattr(order, name)), _plain(now)) for name, now in changed.items()}
    for name, value in changed.items():
        setattr(order, name, value)
    if order.delivered_on is None and order.state in {OrderState.DELIVERED, OrderState.ACCEPTED}:
        raise ActionRefused(
            _("It was delivered: on which day?"), fields={"delivered_on": _("Say which day.")}
        )
    order.save_changed(*changed)
    _plan_checks(order)
    publish([OrderEdited(actor_id=by.pk, deal_id=order.deal_id, order_id=order.pk, changes=record)])
    return order


@transaction.atomic
def check_value(
    check: ValueCheck,
    *,
    by: User,
    now: dt.datetime,
    skipped: bool = False,
    satisfaction: int | None = None,
    words: str = "",
    version: int | None = None,
) -> ValueCheck:
    """Tick a value check off, with what the customer says of it, or leave it out. Their figure becomes the order's.

    `version` is the order's. Raises StaleVersion, ActionRefused when it is not due any more.
    """
    check_satisfaction(satisfaction)
    order = pipeline.lock_with_deal(check.order, version=version)
    check = ValueCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    check.order = order
    if check.state != CheckState.DUE or order.state == OrderState.WITHDRAWN:
        raise ActionRefused(_("This check is not due any more."))
    check.state = CheckState.SKIPPED if skipped else CheckState.DONE
    check.done_at, check.by = now, by
    check.satisfaction, check.words = satisfaction, words.strip()
    check.save(update_fields=["state", "done_at", "by", "satisfaction", "words", "updated_at"])
    if satisfaction is not None:
        order.satisfaction = satisfaction
        order.save_changed("satisfaction")
    event = ValueChecked(
        actor_id=by.pk,
        deal_id=order.deal_id,
        order_id=order.pk,
        after_days=check.after_days,
        skipped=skipped,
        satisfaction=satisfaction,
        words=check.words,
    )
    publish([event])
    return check


@transaction.atomic
def repeat(order: Order, *, by: User, title: str = "", version: int | None = None) -> Deal:
    """Open the next deal with this customer: linked, with account, contact, product, amount and people (C7)."""
    order = pipeline.lock_with_deal(order, version=version)
    won = order.deal
    if order.state == OrderState.WITHDRAWN:
        raise ActionRefused(_("This win was undone."))
    carried = {name: getattr(won, name) for name in ("amount", "currency", "product")}
    deal = pipeline.open_deal(
        by=by,
        title=title.strip() or won.title,
        owner=won.owner if won.owner.is_active else by,
        account=won.account,
        contact=won.contact,
        repeat_of=won,
        is_sample=won.is_sample,
        **carried,
    )
    taking_part.carry({won.pk: deal})
    return deal


def check_satisfaction(value: int | None) -> None:
    if value is not None and not 0 <= value <= HIGHEST:
        raise ActionRefused(
            _("Satisfaction runs from 0 to 10."), fields={"satisfaction": _("From 0 to 10.")}
        )


def _plan_checks(order: Order) -> None:
    """The checks of a delivered order, so many days after its delivery; one that is done stays as it is."""
    if order.delivered_on is None:
        return
    due = {after: order.delivered_on + dt.timedelta(days=after) for after in CHECK_AFTER_DAYS}
    known = {check.after_days: check for check in order.checks.all()}
    ValueCheck.objects.bulk_create(
        ValueCheck(order=order, after_days=after, due_on=on)
        for after, on in due.items()
        if after not in known
    )
    moved = [
        check
        for after, check in known.items()
        if check.state == CheckState.DUE and check.due_on != due[after]
    ]
    for check in moved:
        check.due_on = due[check.after_days]
    ValueCheck.objects.bulk_update(moved, ["due_on"])


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
