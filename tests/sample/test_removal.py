"""The sample company goes whole, and takes nothing that is real with it."""

from typing import TYPE_CHECKING

import pytest
from django.apps import apps

from crm.shared.models import EventRecord, OutgoingMail, Team, User
from deals.actions import closing, directory
from deals.models import Account, Contact, Deal, Outcome, Product
from followups.actions import touches
from tests.factories import deals as make
from tests.factories import sample

if TYPE_CHECKING:
    from django.db import models

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    """How many rows each table has."""
    kinds: list[type[models.Model]] = apps.get_models(include_auto_created=True)
    return {kind._meta.label: kind._default_manager.count() for kind in kinds}


def test_nothing_of_it_remains() -> None:
    before = rows()
    sample.company()

    said = sample.remove()

    assert said == "Removed 90 sample deals and all that hung on them."
    assert rows() == before


def test_real_rows_stay_as_they_were(rep: User) -> None:
    rep_before = User.objects.filter(pk=rep.pk).values().get()
    deal = make.deal(owner=rep, account=make.account(owner=rep), contact=make.contact(owner=rep))
    closing.lose(deal, by=rep, reason=make.reason())
    before = rows()
    User.objects.filter(pk=rep.pk).update(email="real@example.com")
    sample.company(deals=6)

    sample.remove()

    assert rows() == before
    assert User.objects.filter(pk=rep.pk).values().get() == rep_before | {
        "email": "real@example.com"
    }


def test_what_a_real_deal_stands_on_stays_and_is_real_from_then_on() -> None:
    sample.company(deals=6)
    marked = Deal.objects.filter(contact__email__startswith="buyer").select_related(
        "account", "contact", "owner", "product"
    )[0]
    owner, account, contact = marked.owner, marked.account, marked.contact
    deal = make.deal(owner=owner, account=account, contact=contact, product=marked.product)
    other = Contact.objects.filter(is_sample=True).exclude(account=account)[0]
    directory.add_stakeholder(deal, contact=other, role="champion", by=owner)
    touches.log_touch(deal, by=owner, channel="call", result="answered", contact=contact)

    sample.remove()

    assert list(Deal.objects.all()) == [deal]
    assert deal.touches.count() == 1
    assert set(User.objects.all()) == {owner, account.owner, contact.owner, other.owner}
    assert not User.objects.filter(is_sample=True).exists()
    assert list(Product.objects.values_list("pk", "is_sample")) == [(deal.product_id, False)]
    assert set(Contact.objects.values_list("pk", "is_sample")) == {
        (deal.contact_id, False),
        (other.pk, False),
    }
    assert set(Account.objects.values_list("pk", "is_sample")) == {
        (deal.account_id, False),
        (other.account_id, False),
    }
    assert EventRecord.objects.filter(deal_id=deal.pk).exists()
    assert not EventRecord.objects.exclude(deal_id=deal.pk).exists()


def test_what_a_second_chance_goes_back_to_stays_all_the_way(rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(email="real@example.com")
    sample.company(deals=1)
    again = Deal.objects.get(second_chance_of__isnull=False)
    deal = make.deal(owner=rep, second_chance_of=again)

    sample.remove()

    assert set(Deal.objects.values_list("pk", "is_sample")) == {
        (deal.pk, False),
        (again.pk, False),
        (again.second_chance_of_id, False),
    }
    assert Outcome.objects.filter(deal=again).exists()


def test_a_person_who_works_on_keeps_their_team() -> None:
    sample.company(deals=1)
    owner = User.objects.get(name="Jonas Reuter")
    make.deal(owner=owner)

    sample.remove()

    assert list(User.objects.all()) == [owner]
    assert set(Team.objects.values_list("name", flat=True)) == {"Halden", "North"}
    assert not Team.objects.filter(is_sample=True).exists()


def test_no_mail_of_it_waits_any_longer() -> None:
    sample.company(deals=1)

    sample.remove()

    assert not OutgoingMail.objects.exists()
