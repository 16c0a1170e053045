"""Many new rows: the same as one by one, with ids that are given beforehand."""

import datetime as dt

import pytest
from django.db import connection

from crm.shared import loading
from crm.shared.models import EventRecord, User
from deals.models import Account

pytestmark = pytest.mark.django_db

ODD = '"quoted", two\nlines\tand \\N; Kovács'


@pytest.mark.parametrize("count", [1, loading.MANY + 1])
def test_rows_are_written_whole_with_their_ids(rep: User, now: dt.datetime, count: int) -> None:
    made = [
        Account(name=f"{ODD} {number}", owner=rep, extra={"a": [ODD, None]})
        for number in range(count)
    ]

    written = loading.write_new(made)

    kept = {account.pk: account for account in Account.objects.all()}
    assert [kept[one.pk].name for one in written] == [f"{ODD} {n}" for n in range(count)]
    one = kept[written[-1].pk]
    assert (one.extra, one.industry, one.employees) == ({"a": [ODD, None]}, "", None)
    assert (one.external_id, one.created_at, one.updated_at) == (None, now, now)
    written[-1].name = "Changed"
    written[-1].save()
    assert Account.objects.filter(name="Changed").count() == 1


@pytest.mark.parametrize("count", [2, loading.MANY])
def test_an_id_given_beforehand_is_the_one_that_is_written(rep: User, count: int) -> None:
    loading.write_new([Account(name="Before", owner=rep)])
    made = [Account(name=f"Given {number}", owner=rep) for number in range(count)]

    loading.give_ids(made)
    given = [one.pk for one in made]
    loading.write_new(made)

    assert list(Account.objects.filter(name__startswith="G").order_by("pk").values_list("pk")) == [
        (pk,) for pk in given
    ]
    assert Account.objects.create(name="After", owner=rep).pk > max(given)


@pytest.mark.parametrize("count", [2, loading.MANY])
def test_values_are_written_by_the_name_of_their_column(now: dt.datetime, count: int) -> None:
    names = ("name", "at", "subject_kind", "data", "deal_id")
    rows = [("deal.edited", now, "", {"n": number, "t": ODD}, None) for number in range(count)]

    ids = loading.write_values_with_ids(EventRecord, names, rows)

    kept = EventRecord.objects.in_bulk(ids)
    assert [kept[one].data for one in ids] == [row[3] for row in rows]
    assert (kept[ids[0]].deal_id, kept[ids[0]].subject_kind, kept[ids[0]].at) == (None, "", now)


def test_nothing_is_written_for_nothing() -> None:
    with connection.execute_wrapper(refuse):
        loading.give_ids([])
        assert loading.write_new([]) == []
        assert loading.write_values_with_ids(EventRecord, ["name"], []) == []


def refuse(*_arguments: object) -> None:
    raise AssertionError("a query")
