"""Pages of long lists: each begins after the last row of the one before, whatever is empty."""

import pytest

from crm.shared.views.keyset import keyset_page
from deals.models import Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def walk(queryset, *, size):
    """All rows, page by page."""
    pages, cursor = [], ""
    while True:
        page = keyset_page(queryset, cursor=cursor, size=size)
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


def test_one_query_while_the_rows_last_and_two_where_the_empty_ones_begin(
    five, django_assert_num_queries
):
    with django_assert_num_queries(1):
        page = keyset_page(Deal.objects.order_by("amount"), size=2)
    with django_assert_num_queries(2):
        keyset_page(Deal.objects.order_by("amount"), cursor=page.next, size=2)
