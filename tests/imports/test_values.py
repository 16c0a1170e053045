"""What cells mean: amounts, dates, numbers."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.imports import values
from crm.imports.values import Unreadable


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1054", "1054.00"),
        ("1,200.50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("12,5", "12.50"),
        ("12,500", "12500.00"),
        ("1,234,567", "1234567.00"),
        ("1.234.567", "1234567.00"),
        ("$125000", "125000.00"),
        ("£1 000", "1000.00"),
        ("250k", "250000.00"),
        ("2.5M", "2500000.00"),
        ("-40", "-40.00"),
        ("0", "0.00"),
    ],
)
def test_an_amount_as_people_write_it(cell: str, amount: str) -> None:
    assert values.amount(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", ["", "abc", "--", "1e400", "9" * 20])
def test_no_amount(cell: str) -> None:
    with pytest.raises(Unreadable):
        values.amount(cell)


def test_a_number_of_things_is_whole_and_not_below_nothing() -> None:
    assert values.whole("2,822") == 2822
    for cell in ("1.5", "-1"):
        with pytest.raises(Unreadable):
            values.whole(cell)


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["2017-03-01", "2017-12-31"], "%Y-%m-%d"),
        (["3/1/2017", "12/31/2017"], "%m/%d/%Y"),
        (["3/1/2017", "31/12/2017"], "%d/%m/%Y"),
        (["31.12.2017", ""], "%d.%m.%Y"),
        (["2017-03-01T10:00:00", "2017-03-02 11:00"], "%Y-%m-%d"),
        (["5 Mar 2017"], "%d %b %Y"),
        (["", "n/a"], "%Y-%m-%d"),
        (["soon"], ""),
    ],
)
def test_a_column_of_dates_has_one_style(cells: list[str], style: str) -> None:
    assert values.date_style(cells) == style


def test_a_day_is_read_in_the_style_of_its_column() -> None:
    assert values.day("3/1/2017", "%m/%d/%Y") == dt.date(2017, 3, 1)
    assert values.day("2017-03-01 23:59", "%Y-%m-%d") == dt.date(2017, 3, 1)


@pytest.mark.parametrize(
    ("cell", "style"), [("soon", "%Y-%m-%d"), ("2017-03-01", ""), ("0017-03-01", "%Y-%m-%d")]
)
def test_no_day(cell: str, style: str) -> None:
    with pytest.raises(Unreadable):
        values.day(cell, style)
