"""Many rows changed at once, each to its own values."""

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.shared import changing
from crm.shared.models import User
from deals.models import Account

pytestmark = pytest.mark.django_db

ODD = '"quoted", two\nlines\tand \\N; Kovács {NULL}'


def test_rows_that_are_there_are_changed_each_to_its_own_values(rep: User, colleague: User) -> None:
    made = [Account.objects.create(name=f"A{n}", owner=rep, employees=n) for n in range(3)]
    names = ("name", "owner_id", "employees", "extra", "archived_at")
    now = timezone.now()
    rows = [
        (made[0].pk, ODD, rep.pk, None, {"a": [ODD]}, now),
        (made[2].pk, "", colleague.pk, 7, {}, None),
    ]

    changing.change_values(Account, names, rows)

    assert list(Account.objects.order_by("pk").values_list("pk", *names)) == [
        rows[0],
        (made[1].pk, "A1", rep.pk, 1, {}, None),
        rows[1],
    ]


@pytest.mark.postgres
def test_a_text_too_long_for_its_column_is_not_cut(rep: User) -> None:
    account = Account.objects.create(name="Vale", owner=rep)

    with pytest.raises(DataError):
        changing.change_values(Account, ["industry"], [(account.pk, "x" * 201)])


def test_nothing_is_changed_for_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert changing.change_values(Account, ["name"], []) == 0
    assert len(asked) == 0


def test_rows_are_changed_with_what_is_folded_from_their_names(rep: User) -> None:
    made = [Account.objects.create(name=f"A{n}", owner=rep) for n in range(2)]
    for account in made:
        account.name, account.employees = f"Łódź {account.pk}", F("version") + 1

    changed = Account.objects.bulk_update(made, ["name"])
    Account.objects.bulk_update(made, ["employees"])

    assert changed == 2
    assert set(Account.objects.found_by("lodz").values_list("pk", "employees")) == {
        (account.pk, account.version + 1) for account in made
    }


@pytest.mark.parametrize("wrong", ["nmae"])
def test_a_name_that_is_no_field_is_told(rep: User, wrong: str) -> None:
    account = Account.objects.create(name="Vale", owner=rep)

    with pytest.raises(FieldDoesNotExist, match="nmae"):
        Account.objects.bulk_update([account], ["name", wrong])
