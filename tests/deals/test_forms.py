"""Forms of deals: shape, choices, and what a stale one keeps."""

import pytest
from django.http import QueryDict

from crm.shared.events import Aftercare
from deals.actions import pipeline
from deals.forms import (
    AccountForm,
    BulkLoseForm,
    ContactForm,
    DealForm,
    LoseForm,
    NewDealForm,
    StakeholderForm,
)
from deals.models import Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def sent(form):
    """What a browser sends for a form that nobody touched: its fields, and what they said first."""
    data = QueryDict(mutable=True)
    for field in form:
        value = form[field.name].value()
        if value is None or value is False:
            value = ""
        data[field.html_name] = str(value)
        if field.field.show_hidden_initial:
            data[field.html_initial_name] = str(value)
    return data


# ---- lost ------------------------------------------------------------------------------------------


def loss(rep, deal, **data):
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    form = LoseForm(query, user=rep)
    assert form.is_valid(), form.errors
    return form.loss(deal)


@pytest.fixture
def deal(rep):
    return make.deal(owner=rep, contact=make.contact(owner=rep))


@pytest.mark.practice("A1")
def test_a_reason_is_enough_and_leaves_the_rest_to_its_playbook(rep, deal):
    found = loss(rep, deal, reason="timing")

    assert found["reason"].slug == "timing"
    assert found["aftercare"] is None
    assert (found["other_reasons"], found["competitor"], found["reflection"]) == ([], None, {})


def test_no_reason_is_said_at_the_field(rep):
    form = LoseForm(QueryDict("note=Gone"), user=rep)

    assert not form.is_valid()
    assert form.errors == {"reason": ["Choose a reason: it is the one thing a loss needs."]}


@pytest.mark.parametrize("slug", ["no-answer", "not-stated", "unheard-of"])
def test_reasons_of_the_system_cannot_be_chosen(rep, slug):
    form = LoseForm(QueryDict(f"reason={slug}"), user=rep)

    assert "reason" in form.errors


def test_the_same_reason_twice_counts_once(rep, deal):
    found = loss(rep, deal, reason="timing", other_reasons=["timing", "budget-gone"])

    assert [reason.slug for reason in found["other_reasons"]] == ["budget-gone"]


@pytest.mark.practice("A4")
def test_only_answers_that_were_given_are_answers(rep, deal):
    found = loss(rep, deal, reason="timing", six_problems="yes", six_value="unknown")

    assert found["reflection"] == {"problems": "yes", "value": "unknown"}


SHOWN = ["ask_buyer", "review", "ask_referral", "nurture", "revisit"]


@pytest.mark.practice("A6")
def test_what_was_unticked_does_not_happen_and_other_days_hold(rep, deal):
    found = loss(
        rep,
        deal,
        reason="timing",
        playbook_of="timing",
        shown=SHOWN,
        ask_referral="on",
        ask_referral_days="21",
        revisit="on",
        revisit_days="",
    )

    assert found["aftercare"] == Aftercare(
        revisit_after_days=90,
        nurture_track="",
        ask_referral_after_days=21,
        ask_referral_of=deal.contact_id,
        ask_buyer_after_days=None,
        ask_buyer=deal.contact_id,
        review=False,
    )


def test_another_playbook_than_the_one_shown_holds_without_what_was_unticked(rep, deal):
    found = loss(
        rep,
        deal,
        reason="timing",
        playbook_of="budget-gone",
        shown=SHOWN,
        ask_buyer="on",
        ask_buyer_days="99",
        review="on",
        nurture="on",
        revisit="on",
    )

    assert found["aftercare"] == Aftercare(
        revisit_after_days=90,
        nurture_track="Quarterly, light",
        ask_referral_after_days=None,
        ask_referral_of=deal.contact_id,
        ask_buyer_after_days=3,
        ask_buyer=deal.contact_id,
        review=True,
    )


def test_days_beyond_ten_years_are_refused(rep):
    form = LoseForm(QueryDict("reason=timing&revisit_days=99999"), user=rep)

    assert set(form.errors) == {"revisit_days"}


def test_bulk_takes_the_same_reasons(rep):
    slugs = [reason.slug for reason in BulkLoseForm(user=rep).fields["reason"].queryset]

    assert (slugs[0], len(slugs), "no-answer" in slugs) == ("budget-gone", 13, False)


# ---- new and edit ----------------------------------------------------------------------------------


def test_a_new_deal_finds_account_and_contact_by_name(rep):
    account = make.account(owner=rep, name="Harbour Provisions")
    person = make.contact(owner=rep, account=account, name="Sam Okafor")
    data = {"title": "Retrofit", "owner": rep.pk, "account_name": "harbour provisions"}

    form = NewDealForm(data | {"contact_name": "sam okafor"}, user=rep)

    assert form.is_valid(), form.errors
    assert (form.cleaned_data["account"], form.cleaned_data["contact"]) == (account, person)
    assert form.opening()["currency"] == "EUR"


def test_an_account_that_one_does_not_see_is_not_found_by_its_name(rep, outsider):
    make.account(owner=outsider, name="Harbour Provisions")
    data = {"title": "Retrofit", "owner": rep.pk, "account_name": "Harbour Provisions"}

    form = NewDealForm(data, user=rep)

    assert form.is_valid()
    assert form.cleaned_data["account"] is None


def test_two_accounts_of_one_name_are_told_apart_on_their_pages(rep):
    for _each in range(2):
        make.account(owner=rep, name="Harbour")

    form = NewDealForm({"title": "Retrofit", "owner": rep.pk, "account_name": "Harbour"}, user=rep)

    assert set(form.errors) == {"account_name"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"currency": "EU"}, "currency"),
        ({"currency": "12E"}, "currency"),
        ({"expected_close_on": "31 November"}, "expected_close_on"),
        ({"contact_email": "sam@example.com"}, "contact_name"),
        ({"account": "999"}, "account"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(rep, wrong, field):
    form = NewDealForm({"title": "Retrofit", "owner": rep.pk} | wrong, user=rep)

    assert set(form.errors) == {field}


def test_a_rep_gives_deals_to_nobody_else_a_manager_to_the_team(rep, colleague, manager, viewer):
    def offered(user):
        return set(NewDealForm(user=user).fields["owner"].queryset)

    assert offered(rep) == {rep}
    assert offered(manager) == {rep, colleague, manager}


def test_an_edit_changes_what_was_touched(rep, deal):
    data = sent(DealForm(instance=deal, user=rep))
    data["amount"] = "2000"
    data["need"] = "yes"

    form = DealForm(data, instance=deal, user=rep)

    assert form.is_valid(), form.errors
    assert form.changed_data == ["amount", "need"]
    assert (form.changes()["need"], form.changes()["budget"]) == ("yes", "unknown")


def test_an_unknown_account_is_not_made_by_an_edit(rep, deal):
    data = sent(DealForm(instance=deal, user=rep))
    data["account_name"] = "Nowhere"

    form = DealForm(data, instance=deal, user=rep)

    assert set(form.errors) == {"account_name"}


def test_the_contact_belongs_to_the_account(rep):
    account, other = make.account(owner=rep), make.account(owner=rep)
    person = make.contact(owner=rep, account=account)
    deal = make.deal(owner=rep, account=account, contact=person)
    data = sent(DealForm(instance=deal, user=rep))
    data["account_name"] = other.name

    form = DealForm(data, instance=deal, user=rep)

    assert form.errors == {"contact": ["This person belongs to another account."]}


def test_an_account_can_be_taken_off(rep):
    deal = make.deal(owner=rep, account=make.account(owner=rep))
    data = sent(DealForm(instance=deal, user=rep))
    data["account_name"] = ""

    form = DealForm(data, instance=deal, user=rep)

    assert form.is_valid(), form.errors
    assert form.changes()["account"] is None


def test_an_account_of_an_ambiguous_name_stays_as_long_as_nobody_touches_it(rep):
    account = make.account(owner=rep, name="Harbour")
    make.account(owner=rep, name="Harbour")
    deal = make.deal(owner=rep, account=account)

    form = DealForm(sent(DealForm(instance=deal, user=rep)), instance=deal, user=rep)

    assert form.is_valid(), form.errors
    assert form.changes()["account"] == account


def test_a_stale_form_keeps_what_was_typed_and_takes_over_the_rest(rep, deal, colleague):
    read = Deal.objects.get(pk=deal.pk)
    data = sent(DealForm(instance=read, user=rep))
    data["title"], data["source"] = "Mine", "Fair"
    pipeline.edit(deal, by=colleague, title="Theirs", amount=900, need="yes")
    now = Deal.objects.get(pk=deal.pk)

    again = DealForm(data, instance=read, user=rep).over(now)

    assert again.is_valid(), again.errors
    assert again.cleaned_data["version"] == now.version
    assert (again["title"].value(), again["source"].value()) == ("Mine", "Fair")
    assert (again["amount"].value(), again["need"].value()) == ("900.00", "yes")
    assert [(d.label, d.was, d.now, d.mine) for d in again.differences] == [
        ("Title", deal.title, "Theirs", "Mine"),
        ("Amount", "1000.00", "900.00", "900.00"),
        ("Need", "Don’t know", "Yes", "Yes"),
    ]
    assert sorted(again.changed_data) == ["source", "title"]


def test_an_account_is_for_its_people(rep):
    account, other = make.account(owner=rep), make.account(owner=rep)
    inside, outside = (
        make.contact(owner=rep, account=account),
        make.contact(owner=rep, account=other),
    )
    deal = make.deal(owner=rep, account=account)

    form = StakeholderForm(
        {"contact": outside.pk, "role": "champion", "stance": 1}, user=rep, deal=deal
    )

    assert list(form.fields["contact"].queryset) == [inside]
    assert set(form.errors) == {"contact"}


def test_without_an_account_the_contact_of_the_deal_can_be_put_on_it(rep, deal):
    form = StakeholderForm(user=rep, deal=deal)

    assert list(form.fields["contact"].queryset) == [deal.contact]


# ---- accounts and contacts ---------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "kept"), [("gb", "GB"), ("", ""), (" it ", "IT")])
def test_a_country_is_two_letters(rep, typed, kept):
    form = AccountForm(
        {"name": "Harbour", "owner": rep.pk, "version": 1, "country": typed}, user=rep
    )

    assert form.is_valid(), form.errors
    assert form.changes()["country"] == kept


@pytest.mark.parametrize("typed", ["1", "g1", "éé"])
def test_anything_else_is_no_country(rep, typed):
    form = AccountForm(
        {"name": "Harbour", "owner": rep.pk, "version": 1, "country": typed}, user=rep
    )

    assert set(form.errors) == {"country"}


def contact_data(rep, **fields):
    known = {"name": "Sam", "owner": rep.pk, "version": 1, "preferred_channel": "call"}
    return known | fields


def test_a_person_who_wants_no_contact_says_why(rep):
    form = ContactForm(contact_data(rep, do_not_contact="on"), user=rep)

    assert form.errors == {"do_not_contact_why": ["Say in a few words why."]}


@pytest.mark.parametrize(
    ("typed", "errors"), [("Europe/Rome", set()), ("Mars/Crater", {"time_zone"})]
)
def test_a_time_zone_has_a_name(rep, typed, errors):
    form = ContactForm(contact_data(rep, time_zone=typed), user=rep)

    assert set(form.errors) == errors


def test_a_new_account_belongs_to_who_adds_it(rep):
    assert AccountForm(user=rep)["owner"].value() == rep.pk
    assert ContactForm(user=rep)["owner"].value() == rep.pk
