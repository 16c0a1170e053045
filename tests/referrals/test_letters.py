"""The letter that asks for a referral."""

from urllib.parse import parse_qs, urlsplit

import pytest

from referrals.letters import letter_for
from tests.factories import deals, referrals, reviews

pytestmark = pytest.mark.django_db


def ask_of(rep, **fields):
    product = deals.product("Depot monitoring & more")
    outcome = reviews.outcome(owner=rep, product=product, title="Upsell, weak champion")
    contact = deals.contact(owner=rep, name="Helen Finch", email="helen@example.com")
    return referrals.ask(owner=rep, outcome=outcome, **({"contact": contact} | fields))


@pytest.mark.practice("A6")
def test_the_letter_after_a_no_names_the_product_and_blames_nobody(rep, settings):
    settings.COMPANY_NAME = "Halden Cold-Chain"

    letter = letter_for(ask_of(rep), sender=rep, is_reachable=True)

    assert letter.subject == "One question"
    assert letter.text.startswith(
        "Hello Helen Finch,\n\nthank you for looking at Depot monitoring & more with us"
    )
    assert letter.text.endswith("Rita Rep\nHalden Cold-Chain")
    for unsaid in ("Upsell", "Price", "1000", "EUR", "!", "&amp;"):
        assert unsaid not in letter.text


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("win", "since you decided for Depot monitoring"),
        ("feedback", "thinking of somebody we could help"),
    ],
)
def test_the_letter_follows_what_it_goes_back_to(rep, origin, words):
    assert words in letter_for(ask_of(rep, origin=origin), sender=rep, is_reachable=True).text


@pytest.mark.parametrize("origin", ["loss", "win"])
def test_without_product_and_person_the_letter_still_reads(rep, origin):
    letter = letter_for(
        referrals.ask(owner=rep, origin=origin, contact=None), sender=rep, is_reachable=False
    )

    assert letter.text.startswith("Hello,\n\n")
    assert (letter.address, letter.mailto) == ("", "")


def test_the_letter_opens_in_ones_own_mail_program(rep):
    letter = letter_for(ask_of(rep), sender=rep, is_reachable=True)

    parts = urlsplit(letter.mailto)
    assert (parts.scheme, parts.path) == ("mailto", "helen@example.com")
    assert parse_qs(parts.query) == {"subject": [letter.subject], "body": [letter.text]}


def test_whoever_wishes_no_mail_gets_no_link(rep):
    assert letter_for(ask_of(rep), sender=rep, is_reachable=False).mailto == ""
