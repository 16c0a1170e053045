"""What was said with a company or a person, on their pages; how they are reached and on what basis, changed there."""

import datetime as dt

import pytest

from crm.shared import mailing
from deals.models import Contact
from followups import panels
from tests.factories import deals, followups

pytestmark = pytest.mark.django_db


def test_touches_stand_on_the_pages_of_account_and_person_a_page_at_a_time(
    client, rep, outsider, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(panels, "TOUCHES_SHOWN", 2)
    account = deals.account(owner=rep)
    ada = deals.contact(owner=rep, account=account, name="Ada Rossi")
    ben = deals.contact(owner=rep, account=account, name="Ben Weiss")
    deal = deals.deal(owner=rep, account=account, contact=ada)
    for days_ago, contact in ((3, ada), (2, ben), (1, ada)):
        followups.touch(deal, days_ago=days_ago, contact=contact, note=f"Said {days_ago} ago")
    unseen = deals.deal(owner=outsider, account=account)
    followups.touch(unseen, note="Said to somebody else")
    client.force_login(rep)

    def said(path):
        shown = client.get(path).content.decode()
        assert "Said to somebody else" not in shown
        return [days for days in (1, 2, 3) if f"Said {days} ago" in shown]

    page = f"/accounts/{account.pk}/"
    assert said(page) == [1, 2]
    [panel] = client.get(page).context["panels"]
    assert said(f"{page}?touches={panel.context['page'].next}") == [3]
    assert said(f"{page}?touches=nonsense") == [1, 2]
    with django_assert_num_queries(7):
        assert said(f"/contacts/{ada.pk}/") == [1, 3]
    assert said(f"/contacts/{ben.pk}/") == [2]


def sent(answer, **typed):
    """What a browser sends for the form of `answer`, with some fields typed over."""
    data = {}
    for field in answer.context["form"]:
        value = field.value()
        data[field.html_name] = "" if value in (None, False) else str(value)
        data[field.html_initial_name] = data[field.html_name]
    return data | typed


def test_how_a_person_is_reached_is_changed_from_their_page(client, rep):
    person = deals.contact(owner=rep, title="Buyer")
    client.force_login(rep)
    path = f"/contacts/{person.pk}/reach/"
    assert path in client.get(f"/contacts/{person.pk}/").content.decode()
    form = client.get(path)

    without_why = client.post(path, sent(form, do_not_contact="on"))
    done = client.post(
        path, sent(form, do_not_contact="on", do_not_contact_why="Asked", phone="+44 1")
    )
    stale = client.post(path, sent(form, phone="+44 2"))

    assert [one.status_code for one in (without_why, done, stale)] == [422, 302, 409]
    now = Contact.objects.get(pk=person.pk)
    assert (now.phone, now.do_not_contact_scope, now.title) == ("+44 1", "all", "Buyer")
    assert now.do_not_contact_since == dt.date(2026, 4, 20)
    assert mailing.is_suppressed(person.email) is not None
    assert "+44 2" in stale.content.decode()  # what was typed survives


def test_the_basis_for_mail_is_changed_from_their_page(client, rep):
    person = deals.contact(owner=rep)
    client.force_login(rep)
    path = f"/contacts/{person.pk}/consent/"
    said = {"consent": "Existing customer", "consent_on": "2026-01-05", "consent_source": "Order 7"}

    answer = client.post(path, sent(client.get(path), **said), follow=True)

    now = Contact.objects.get(pk=person.pk)
    assert (now.consent, now.consent_on, now.consent_source) == (
        *("Existing customer", dt.date(2026, 1, 5), "Order 7"),
    )
    assert "Order 7" in answer.content.decode()
