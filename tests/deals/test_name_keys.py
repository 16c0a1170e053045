"""The keys of names that were there before names had keys."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from deals.models import Account, Contact
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

filling = import_module("deals.migrations.0011_fill_name_keys")


def test_a_run_that_was_ended_goes_on_and_says_of_each_what_saving_it_says(rep, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 2)
    names = ["Łódź & Co", "ACME", "東京 ガス", "???", "Straße 1"]
    rows = [
        make_one(owner=rep, name=name)
        for make_one in (make.account, make.contact)
        for name in names
    ]
    saved = [one.name_key for one in rows]
    Account.objects.exclude(name="ACME").update(name_key="")
    Account.objects.filter(name="ACME").update(name_key="done before")
    Contact.objects.update(name_key="")
    erased = make.contact(owner=rep)
    Contact.objects.filter(pk=erased.pk).update(
        name_key="",
        email="",
        phone="",
        do_not_contact=True,
        archived_at=timezone.now(),
        erased_at=timezone.now(),
    )

    filling.fill(apps, None)

    for one in (*rows, erased):
        one.refresh_from_db()
    assert [one.name_key for one in rows] == [saved[0], "done before", *saved[2:]]
    assert erased.name_key == ""
