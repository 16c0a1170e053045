"""A deal that brings its account and contact along."""

import pytest

from crm.shared.errors import ActionRefused
from deals.actions import opening
from deals.models import Account, Contact, Stage
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def test_what_is_only_named_is_added_first(rep):
    deal = opening.open_with(
        by=rep,
        owner=rep,
        title="Retrofit",
        account_name="Harbour Provisions",
        contact_name="Sam Okafor",
        contact_email="sam@example.com",
        amount=100,
    )

    assert (deal.account.name, deal.account.owner) == ("Harbour Provisions", rep)
    assert (deal.contact.name, deal.contact.email) == ("Sam Okafor", "sam@example.com")
    assert deal.contact.account == deal.account


def test_what_is_known_is_taken(rep):
    account = make.account(owner=rep)
    person = make.contact(owner=rep, account=account)

    deal = opening.open_with(by=rep, owner=rep, title="Retrofit", account=account, contact=person)

    assert (deal.account, deal.contact) == (account, person)
    assert (Account.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_person_is_in_the_country_of_the_account(rep):
    account = make.account(owner=rep, country="IT")

    deal = opening.open_with(
        by=rep, owner=rep, title="Retrofit", account=account, contact_name="Ada"
    )

    assert deal.contact.country == "IT"


def test_all_or_nothing(rep):
    Stage.objects.all().delete()

    with pytest.raises(ActionRefused):
        opening.open_with(by=rep, owner=rep, title="Retrofit", account_name="Harbour")

    assert Account.objects.count() == 0
