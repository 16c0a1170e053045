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
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56 €", "1234.56"),
        ("1\u202f234\u202f567", "1234567.00"),
        ("€ 12k", "12000.00"),
        ("12,5 tys. zł", "12500.00"),
        ("1,2 Mio. €", "1200000.00"),
        ("$1,117.10K", "1117100.00"),
        ("1'234.50 CHF", "1234.50"),
        ("1,00,000", "100000.00"),
        ("EUR 500", "500.00"),
        ("(1,200)", "-1200.00"),
        ("-$40", "-40.00"),
        ("$-40", "-40.00"),
        ("40-", "-40.00"),
        (".5", "0.50"),
        ("0.125", "0.12"),
        ("1234.125", "1234.12"),
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
    ("cells", "mark"),
    [
        (["1.234", "2.345,60"], (",", False)),
        (["1,234", "2,345.60"], (".", False)),
        (["1,5", "12,500"], (",", False)),
        (["1.234", "12.500"], (",", True)),
        (["1,234", "12,500"], (".", True)),
        (["1200", "", "lots"], ("", False)),
    ],
)
def test_a_column_of_amounts_has_one_decimal_mark(cells: list[str], mark: tuple[str, bool]) -> None:
    assert values.decimal_mark(cells) == mark


def test_an_amount_that_proves_nothing_is_read_as_its_column() -> None:
    assert values.amount("1.234", ",") == Decimal("1234.00")
    assert values.amount("1,234", ",") == Decimal("1.23")
    assert values.amount("1,234.50", ",") == Decimal("1234.50")


@pytest.mark.parametrize(
    ("cell", "own", "currency"),
    [
        ("$5", "EUR", "USD"),
        ("$5", "CAD", "CAD"),
        ("5 €", "PLN", "EUR"),
        ("5 zł", "EUR", "PLN"),
        ("5", "EUR", ""),
    ],
)
def test_a_sign_tells_the_currency(cell: str, own: str, currency: str) -> None:
    assert values.currency_of(cell, own) == currency


YEAR, DAY, MONTH = values.YEAR_FIRST, values.DAY_FIRST, values.MONTH_FIRST


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["2017-03-01", "2017-12-31"], (YEAR, False)),
        (["3/1/2017", "12/31/2017"], (MONTH, False)),
        (["3/1/2017", "31/12/2017"], (DAY, False)),
        (["3/1/2017", "4/5/2017"], (MONTH, True)),
        (["3.1.2017", "4.5.2017"], (DAY, True)),
        (["3/3/2017"], (MONTH, False)),
        (["31.12.2017", ""], (DAY, False)),
        (["2017-03-01T10:00:00", "2017-03-02 11:00"], (YEAR, False)),
        (["5 Mar 2017"], (DAY, False)),
        (["Mar 5, 2017", "12-Mar-17"], (DAY, False)),
        (["42795", "42796.5"], (values.SERIAL, False)),
        (["1488326400000", "1488412800"], (values.EPOCH, False)),
        (["", "n/a"], (YEAR, False)),
        (["soon"], (values.NO_DATE, False)),
    ],
)
def test_a_column_of_dates_has_one_style(cells: list[str], style: tuple[str, bool]) -> None:
    assert values.date_style(cells) == style


@pytest.mark.parametrize(
    ("cell", "style"),
    [
        *(("3/1/2017", MONTH), ("1/3/17", DAY), ("01.03.2017", DAY), ("1-3-2017", DAY)),
        *(("2017-03-01 23:59", YEAR), ("2017-03-01T10:00:00.000+02:00", YEAR), ("2017/3/1", YEAR)),
        *(("20170301", YEAR), ("2017年3月1日", YEAR), ("01 Mar, 2017 00:02:00", DAY)),
        *(
            ("March 1st, 2017", DAY),
            ("1. März 2017", DAY),
            ("1 marzo 2017", DAY),
            ("1 marca 2017", DAY),
        ),
        *(
            ("1 марта 2017", DAY),
            ("1 mars 2017", DAY),
            ("1-Mar-17", DAY),
            ("1 Mar 2017 3:04 PM", DAY),
        ),
        *(("42795", values.SERIAL), ("42795.75", values.SERIAL)),
        *(("1488326400000", values.EPOCH), ("1488326400", values.EPOCH)),
    ],
)
def test_a_day_is_read_in_the_style_of_its_column(cell: str, style: str) -> None:
    assert values.day(cell, style) == dt.date(2017, 3, 1)


@pytest.mark.parametrize(
    ("cell", "style"),
    [
        *(("soon", YEAR), ("2017-03-01", ""), ("0017-03-01", YEAR), ("2017-02-30", YEAR)),
        *(
            ("31/12/2017", MONTH),
            ("1 Foo 2017", DAY),
            ("123456", values.SERIAL),
            ("12", values.EPOCH),
        ),
        *(("111/1/2017", DAY), ("1/1/201", DAY)),
    ],
)
def test_no_day(cell: str, style: str) -> None:
    with pytest.raises(Unreadable):
        values.day(cell, style)
