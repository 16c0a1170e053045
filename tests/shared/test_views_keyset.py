"""Pages of long lists: each begins after the last row of the one before, whatever is empty."""

import pytest
from django.db.models import Q

from crm.shared.views.keyset import WHOLE, Reading, count_up_to, keyset_page
from deals.actions import closing
from deals.models import Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def walk(queryset, *, size, read=WHOLE):
    """All rows, page by page."""
    pages, cursor = [], ""
    while True:
        page = keyset_page(queryset, cursor=cursor, size=size, read=read)
        pages.append([deal.title for deal in page.rows])
        cursor = page.next
        if not cursor:
            return pages


@pytest.fixture
def five(rep):
    """Two of the same amount, two without any."""
    for title, amount in [("A", 300), ("B", 100), ("C", None), ("D", 300), ("E", None)]:
        make.deal(owner=rep, title=title, amount=amount)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("amount", ["B", "A", "D", "C", "E"]),
        ("-amount", ["D", "A", "B", "E", "C"]),
        ("title", ["A", "B", "C", "D", "E"]),
        ("-title", ["E", "D", "C", "B", "A"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_every_row_is_shown_once_and_the_empty_ones_last(five, order, expected, size):
    pages = walk(Deal.objects.order_by(order), size=size)

    assert [title for page in pages for title in page] == expected
    assert {len(page) for page in pages[:-1]} <= {size}


def test_a_row_that_comes_in_between_moves_nothing(five, rep):
    queryset = Deal.objects.order_by("title")
    first = keyset_page(queryset, size=2)

    make.deal(owner=rep, title="Aa")
    second = keyset_page(queryset, cursor=first.next, size=2)

    assert [deal.title for deal in second.rows] == ["C", "D"]
    assert (first.is_first, second.is_first) == (True, False)


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "eyJhIjoxfQ"])
def test_a_cursor_that_is_none_starts_at_the_first(five, cursor):
    page = keyset_page(Deal.objects.order_by("title"), cursor=cursor, size=2)

    assert [deal.title for deal in page.rows] == ["A", "B"]
    assert page.is_first


def test_the_cursor_of_another_order_starts_at_the_first(five):
    by_title = keyset_page(Deal.objects.order_by("title"), size=2)

    page = keyset_page(Deal.objects.order_by("amount"), cursor=by_title.next, size=1)

    assert [deal.title for deal in page.rows] == ["B"]


def test_two_queries_wherever_the_empty_ones_begin(five, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = keyset_page(Deal.objects.order_by("amount"), size=2)
    with django_assert_num_queries(2):
        keyset_page(Deal.objects.order_by("amount"), cursor=page.next, size=2)


@pytest.mark.parametrize("order", ["amount", "-amount", "title", "-title", "account__name"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_what_is_read_in_parts_is_the_same_list(five, rep, order, size):
    for title in ("F", "G"):
        closing.lose(make.deal(owner=rep, title=title, amount=200), reason=make.reason(), by=rep)
    queryset = Deal.objects.order_by(order)
    parts = Reading([Q(status="open"), Q(status="won"), Q(status="lost")])

    assert walk(queryset, size=size, read=parts) == walk(queryset, size=size)
    assert count_up_to(4, queryset, read=parts) == 4
    assert count_up_to(100, queryset, read=parts) == 7


@pytest.mark.parametrize("order", ["status", "-status"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_parts_of_one_value_each_are_the_same_list(five, rep, order, size):
    for title in ("F", "G", "H"):
        closing.lose(make.deal(owner=rep, title=title), reason=make.reason(), by=rep)
    closing.win(make.deal(owner=rep, title="I"), by=rep)
    queryset = Deal.objects.order_by(order)
    statuses = ["won", "open", "disqualified", "lost"]
    parts = Reading([Q(status=status) for status in statuses], firsts=statuses)

    assert walk(queryset, size=size, read=parts) == walk(queryset, size=size)
    assert count_up_to(100, queryset, read=parts) == 9


@pytest.mark.parametrize("order", ["amount", "-amount", "account__name", "title"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_what_is_sorted_is_the_same_list(five, order, size):
    queryset = Deal.objects.order_by(order)

    assert walk(queryset, size=size, read=Reading(is_sorted=True)) == walk(queryset, size=size)
