"""What cells name is read for a batch at once, whatever else there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports import lookups
from crm.imports.lookups import Lookups
from crm.shared.models import User
from deals.models import Account, Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(rep: User) -> list[Account]:
    names = ("Vale Corp", "Łódź Metal S.A.", "中国电信", "???", "Elsewhere")
    return [
        Account.objects.create(
            name=name, owner=rep, external_id=f"A{n}", website=f"https://www.a{n}.example/about"
        )
        for n, name in enumerate(names)
    ]


def test_whole_names_are_found_however_they_are_written(rep: User, known: list[Account]) -> None:
    named = Lookups(rep)
    named.look_up({"account": ["VALE-corp.", "łódź metal SA", "中国 电信", "???"]})

    with CaptureQueriesContext(connection) as asked:
        found = [
            named.known_account(cell)
            for cell in ("Vale, Corp", "ŁÓDŹ METAL S.A", "中国电信", "???")
        ]
        assert found == known[:4]
        assert len(asked) == 0
    assert [named.known_account(cell) for cell in ("Lodz Metal SA", "Vale", "!!!", "")] == [
        None
    ] * 4
    assert named.account_by_id("A1") == known[1]
    assert named.account_by_domain("a2.example") == known[2]


def test_people_are_found_by_name_address_or_id(rep: User) -> None:
    ann = Contact.objects.create(
        name="Ann Ó Brien", email="ann@vale.example", external_id="C1", owner=rep
    )
    named = Lookups(rep)

    cells = ("ann ó-brien", "ANN@vale.example", "Bob")
    assert [named.contact(cell) for cell in cells] == [ann, ann, None]
    assert (named.contact_by_id("C1"), named.contact_by_id("C2")) == (ann, None)


def test_a_batch_costs_the_same_however_much_it_names(
    rep: User, known: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_KEPT", 3)
    named = Lookups(rep)

    def cost(*names: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            named.look_up({"account": names, "contact": names})
        return len(asked)

    assert cost("Vale Corp") == cost("A", "B", "C") == cost("D", "E", "F", "G")
    assert len(named.accounts) == 4, "what earlier batches named is forgotten"
    assert named.known_account("Vale Corp") == known[0]
