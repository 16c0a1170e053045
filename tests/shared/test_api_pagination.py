"""Cursor pages: everything once, in order, also while rows come and go."""

import base64
import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist

from crm.shared.api.cursors import BadCursor, Cursor, keys_of
from deals.models import Deal
from tests.factories import deals
from tests.programs import program

ORDERINGS = [
    "id",
    "-id",
    "title",
    "-amount",
    "amount",
    "-expected_close_on",
    "expected_close_on",
    "account",
    "-account",
]
ORDERINGS += ["stage,-amount", "-closed_at,title", "owner"]


def path_of(url: str) -> str:
    return url.removeprefix("http://testserver/api/v1")


def walk(caller, path: str, *, link: str = "next") -> list[list[int]]:
    """The ids of each page, following `link` to its end."""
    pages = []
    while path:
        page = caller.get(path).json()
        pages.append([row["id"] for row in page["results"]])
        path = path_of(page[link]) if page[link] else ""
    return pages


@pytest.fixture
def seven(rep):
    """Deals with ties and gaps in every column that lists are ordered by."""
    account = deals.account(owner=rep, name="Alpha")
    day = dt.date(2026, 5, 1)
    amounts = [None, Decimal(5), Decimal(5), Decimal(7), None, Decimal("5.01"), Decimal(1)]
    return [
        deals.deal(
            owner=rep,
            title=f"Deal {number % 3}",
            amount=amount,
            account=account if number % 2 else None,
            expected_close_on=day if number in {1, 2} else None,
        )
        for number, amount in enumerate(amounts)
    ]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_hold_everything_once_whatever_the_ordering(rep, seven, ordering):
    caller = program(rep)
    whole = walk(caller, f"/deals/?ordering={ordering}")[0]

    pages = walk(caller, f"/deals/?ordering={ordering}&limit=2")

    assert sorted(whole) == sorted(deal.pk for deal in seven)
    assert [pk for page in pages for pk in page] == whole
    assert [len(page) for page in pages] == [2, 2, 2, 1]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_previous_leads_back_the_same_way(rep, seven, ordering):
    caller = program(rep)
    forth = walk(caller, f"/deals/?ordering={ordering}&limit=2")
    last = f"/deals/?ordering={ordering}&limit=2"
    for _page in forth[1:]:
        last = path_of(caller.get(last).json()["next"])

    back = walk(caller, last, link="previous")

    assert list(reversed(back)) == forth


def test_empty_values_stand_last_both_ways(rep, seven):
    caller = program(rep)

    rising = caller.get("/deals/?ordering=amount").json()["results"]
    falling = caller.get("/deals/?ordering=-amount").json()["results"]

    assert [row["amount"] and row["amount"]["amount"] for row in rising] == [
        "1.00",
        "5.00",
        "5.00",
        "5.01",
        "7.00",
        None,
        None,
    ]
    assert [row["amount"] and row["amount"]["amount"] for row in falling][:2] == ["7.00", "5.01"]
    assert [row["amount"] for row in falling][-2:] == [None, None]


def test_a_new_row_moves_nothing(rep):
    made = [deals.deal(owner=rep, title=title).pk for title in ("b", "d", "f")]
    caller = program(rep)
    first = caller.get("/deals/?ordering=title&limit=2").json()

    deals.deal(owner=rep, title="a")
    Deal.objects.filter(pk=made[1]).delete()
    second = caller.get(path_of(first["next"])).json()

    assert [row["id"] for row in first["results"]] == made[:2]
    assert [row["id"] for row in second["results"]] == made[2:]
    assert second["next"] is None


def test_a_page_has_fifty_rows_unless_told(rep):
    for _number in range(51):
        deals.deal(owner=rep)

    page = program(rep).get("/deals/").json()

    assert (len(page["results"]), page["previous"], "count" in page) == (50, None, False)
    assert page["next"]


def test_count_is_counted_only_when_asked(rep, django_assert_num_queries):
    deals.deal(owner=rep)
    deals.deal(owner=rep)
    caller = program(rep)
    with django_assert_num_queries(3):  # token, deals, collaborators
        caller.get("/deals/?limit=1")

    with django_assert_num_queries(4):
        page = caller.get("/deals/?limit=1&count=true").json()

    assert (len(page["results"]), page["count"]) == (1, 2)


def test_filters_stay_in_the_links(rep):
    for title in ("pump one", "pump two", "valve"):
        deals.deal(owner=rep, title=title)

    page = program(rep).get("/deals/?search=pump&limit=1").json()

    assert "search=pump" in page["next"]
    assert "limit=1" in page["next"]


BAD = [
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("limit=-1", "limit"),
    ("limit=x", "limit"),
    ("limit=", "limit"),
    ("limit=%D9%A3", "limit"),
    ("limit=10&limit=10", "limit"),
    ("count=yes", "count"),
    ("cursor=", "cursor"),
    ("cursor=rubbish", "cursor"),
    ("cursor=%00", "cursor"),
    ("ordering=owner__password", "ordering"),
    ("ordering=-password", "ordering"),
    ("page=2", "page"),
    ("offset=50", "offset"),
]


@pytest.mark.parametrize(("query", "named"), BAD)
def test_a_page_that_cannot_be_is_400_and_names_why(rep, query, named):
    answer = program(rep).get(f"/deals/?{query}")

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{named}"]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


FORGED = [
    ["title", False, ["a", 1]],  # of another ordering
    ["amount,pk", False, ["5.00"]],
    ["amount,pk", False, ["five", 1]],
    ["amount,pk", False, ["NaN", {}]],
    ["amount,pk", False, ["5.00", None]],
    ["amount,pk", False, ["5.00", 2**63]],
    ["amount,pk", False, ["5.00", True]],
    ["amount,pk", False, ["5.00", "1\x00"]],
    ["amount,pk", False, ["5.00", "99999999999999999999"]],
    ["amount,pk", False],
    {"ordering": "amount"},
    "amount",
    5,
]


@pytest.mark.parametrize("value", FORGED)
def test_a_forged_cursor_is_refused(rep, value):
    answer = program(rep).get(f"/deals/?ordering=amount&cursor={encoded(value)}")

    assert answer.status_code == 400


def test_a_forged_time_without_an_offset_is_refused(rep):
    forged = encoded(["-closed_at,-pk", False, ["2026-04-20T08:00:00", 1]])

    assert program(rep).get(f"/deals/?ordering=-closed_at&cursor={forged}").status_code == 400


def test_a_list_cannot_be_ordered_by_what_is_no_column(db):
    with pytest.raises(FieldDoesNotExist):
        keys_of(Deal.objects.order_by("outcomes"))


def test_a_cursor_comes_back_as_it_went_out(db, now):
    keys = keys_of(Deal.objects.order_by("-closed_at", "amount", "expected_close_on"))
    values = (now, Decimal("5.01"), dt.date(2026, 5, 1), 7)

    text = Cursor("-closed_at,amount,expected_close_on,-pk", True, values).encoded()

    assert Cursor.decoded(text, keys=keys).values == values
    with pytest.raises(BadCursor):
        Cursor.decoded(text, keys=keys_of(Deal.objects.order_by("title")))
