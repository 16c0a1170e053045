"""Every filter and every order of the pipeline, with the plain SQL that asks for the same: a new filter fails until it is listed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from benchmarks.clock import raw_cursor
from crm.shared.folding import fold
from crm.shared.models import Membership, User
from deals.filters import DealFilters

if TYPE_CHECKING:
    from collections.abc import Iterator

# A closed deal of the person with all that filters ask for: its values are what is looked for, so that something is found.
SAMPLE = """
SELECT d.id, d.external_id, d.stage_id AS stage, s.phase, o.stage_id AS closed_in, d.owner_id AS owner, d.account_id AS account,
       d.contact_id AS contact, d.product_id AS product, o.competitor_id AS competitor, r.slug AS reason, o.control,
       d.amount, d.currency, d.closed_at, d.opened_at, d.updated_at, d.expected_close_on, split_part(a.name, ' ', 1) AS word
FROM deals_deal d
JOIN deals_stage s ON s.id = d.stage_id
JOIN deals_account a ON a.id = d.account_id
JOIN deals_outcome o ON o.id = d.outcome_id
JOIN deals_lossreason r ON r.id = o.reason_id
WHERE o.competitor_id IS NOT NULL AND d.product_id IS NOT NULL AND d.expected_close_on IS NOT NULL
  AND d.owner_id = %s
ORDER BY d.closed_at DESC OFFSET 20 LIMIT 1
"""
BELOW = "d.owner_id IN (SELECT m.user_id FROM shared_membership m JOIN shared_team t ON t.id = m.team_id WHERE t.path LIKE '{path}%')"
# name: what the address asks for, and the condition of plain SQL.
FILTERS = {
    "id__in": ("{id}", "d.id IN ({id})"),
    "external_id": ("none", "d.external_id = 'none'"),
    "external_id__in": ("none,such", "d.external_id IN ('none', 'such')"),
    "status": ("lost", "d.status = 'lost'"),
    "status__in": ("won,lost", "d.status IN ('won', 'lost')"),
    "stage": ("{stage}", "d.stage_id = {stage}"),
    "stage__in": ("{stage}", "d.stage_id IN ({stage})"),
    "phase": ("{phase}", "s.phase = '{phase}'"),
    "closed_in": ("{closed_in}", "o.stage_id = {closed_in}"),
    "closed_in__isnull": ("true", "o.stage_id IS NULL"),
    "owner": ("{owner}", "d.owner_id = {owner}"),
    "owner__in": ("{owner}", "d.owner_id IN ({owner})"),
    "team": ("{team}", BELOW),
    # The sample company has neither.
    "segment": ("", "true"),
    "target_list": ("", "true"),
    "account": ("{account}", "d.account_id = {account}"),
    "account__in": ("{account}", "d.account_id IN ({account})"),
    "contact": ("{contact}", "d.contact_id = {contact}"),
    "product": ("{product}", "d.product_id = {product}"),
    "product__in": ("{product}", "d.product_id IN ({product})"),
    "product__isnull": ("true", "d.product_id IS NULL"),
    "competitor": ("{competitor}", "o.competitor_id = {competitor}"),
    "competitor__in": ("{competitor}", "o.competitor_id IN ({competitor})"),
    "competitor__isnull": ("false", "o.competitor_id IS NOT NULL"),
    "competition": ("named", "o.competitor_id IS NOT NULL"),
    "reason": ("{reason}", "r.slug = '{reason}'"),
    "reason__in": ("{reason}", "r.slug IN ('{reason}')"),
    "control": ("{control}", "o.control = '{control}'"),
    "disqualified_as": ("unqualified", "o.disqualified_as = 'unqualified'"),
    "automatic": ("true", "o.automatic"),
    "at_risk": ("true", "d.closes_on IS NOT NULL"),
    "amount__gte": ("{amount}", "d.amount >= {amount}"),
    "amount__lte": ("{amount}", "d.amount <= {amount}"),
    "currency": ("{currency}", "d.currency = '{currency}'"),
    "closed_from": ("{closed_at:%Y-%m-%d}", "d.closed_at >= '{closed_at:%Y-%m-%d}'"),
    "closed_to": ("{closed_at:%Y-%m-%d}", "d.closed_at < '{closed_at:%Y-%m-%d}'::date + 1"),
    "closed_at__gte": ("{closed_at:%Y-%m-%d}T00:00:00Z", "d.closed_at >= '{closed_at:%Y-%m-%d}'"),
    "closed_at__lte": ("{closed_at:%Y-%m-%d}T00:00:00Z", "d.closed_at <= '{closed_at:%Y-%m-%d}'"),
    "opened_at__gte": ("{opened_at:%Y-%m-%d}T00:00:00Z", "d.opened_at >= '{opened_at:%Y-%m-%d}'"),
    "opened_at__lte": ("{opened_at:%Y-%m-%d}T00:00:00Z", "d.opened_at <= '{opened_at:%Y-%m-%d}'"),
    "updated_at__gte": (
        "{updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "d.updated_at >= '{updated_at:%Y-%m-%dT%H:%M:%SZ}'",
    ),
    "updated_at__lte": (
        "{updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "d.updated_at <= '{updated_at:%Y-%m-%dT%H:%M:%SZ}'",
    ),
    "expected_close_on__gte": (
        "{expected_close_on}",
        "d.expected_close_on >= '{expected_close_on}'",
    ),
    "expected_close_on__lte": (
        "{expected_close_on}",
        "d.expected_close_on <= '{expected_close_on}'",
    ),
    "unanswered_touches__gte": ("6", "d.unanswered_touches >= 6"),
    "unanswered_touches__lte": ("1", "d.unanswered_touches <= 1"),
    "second_chance_of": ("{id}", "d.second_chance_of_id = {id}"),
    "is_second_chance": ("true", "d.second_chance_of_id IS NOT NULL"),
    "repeat_of": ("{id}", "d.repeat_of_id = {id}"),
    "parked_until__gt": ("2020-01-01T00:00:00Z", "d.parked_until > '2020-01-01'"),
    "parked_until__lte": ("2035-01-01T00:00:00Z", "d.parked_until <= '2035-01-01'"),
    "search": ("{word}", "d.folded LIKE '%{fold}%'"),
}
ORDERS = {
    "id": "d.id",
    "title": "d.title",
    "account": "a.name",
    "owner": "u.name",
    "stage": "s.position",
    "status": "d.status",
    "amount": "d.amount",
    "expected_close_on": "d.expected_close_on",
    "opened_at": "d.opened_at",
    "closed_at": "d.closed_at",
    "entered_stage_at": "d.entered_stage_at",
    "last_touch_at": "d.last_touch_at",
    "last_heard_at": "d.last_heard_at",
    "next_follow_up_at": "d.next_follow_up_at",
    "unanswered_touches": "d.unanswered_touches",
    "closes_on": "d.closes_on",
    "updated_at": "d.updated_at",
}

DESCENDING = "DESC NULLS LAST"
# In the usual order of the page.
BY_STEP = "d.next_follow_up_at NULLS LAST, d.id"
BY_CLOSING = "d.closed_at DESC NULLS LAST, d.id DESC"
NEWEST = "d.id DESC"
OF_CLOSED = {
    *("closed_in", "closed_in__isnull", "competitor", "competitor__in", "competitor__isnull"),
    *("competition", "reason", "reason__in", "control", "disqualified_as", "automatic"),
    *("closed_from", "closed_to", "closed_at__gte", "closed_at__lte"),
}
CLOSED = "d.outcome_id IS NOT NULL"


@dataclasses.dataclass(frozen=True)
class Case:
    """A page of the table: what the address asks for, and the condition and the order of plain SQL."""

    address: str
    where: str
    order: str


def cases_for(user: User) -> Iterator[Case]:
    """Each filter alone in the usual order; each order up and down, over open, lost and all deals."""
    assert FILTERS.keys() | {"ordering"} == DealFilters.base_filters.keys()
    assert ORDERS.keys() == DealFilters.base_filters["ordering"].param_map.keys()
    facts = _facts()
    for name, (value, condition) in FILTERS.items():
        if not value:
            continue
        order = (
            BY_CLOSING if name in OF_CLOSED or value == "lost" or name == "status__in" else BY_STEP
        )
        order = NEWEST if name == "search" else order
        where = f"{condition} AND {CLOSED}" if name in OF_CLOSED else condition
        yield Case(f"{name}={value}".format(**facts), where.format(**facts), order)
    for name, column in ORDERS.items():
        for status in ("open", "lost", ""):
            where = f"d.status = '{status}'" if status else "true"
            yield Case(f"status={status}&ordering={name}", where, f"{column} NULLS LAST, d.id")
            down = f"{column} {DESCENDING}, d.id DESC"
            yield Case(f"status={status}&ordering=-{name}", where, down)


def _facts() -> dict[str, Any]:
    """The values of one closed deal of the rep of the sample company."""
    rep = User.objects.get(email="rep@example.com")
    with raw_cursor() as cursor:
        cursor.execute(SAMPLE, [rep.pk])
        names = [column.name for column in cursor.description]
        facts = dict(zip(names, cursor.fetchone(), strict=True))
    membership = Membership.objects.select_related("team").filter(user=rep).get()
    return facts | {
        "team": membership.team_id,
        "path": membership.team.path,
        "fold": fold(facts["word"]).strip(),
    }
