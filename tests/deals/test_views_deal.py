"""The deal page: what it is, what became of it; opening, editing and moving it."""

import datetime as dt

import pytest

from deals.actions import closing, directory, pipeline, proposals, reopening
from deals.models import Account, Deal
from deals.states import Phase
from followups.actions import touches
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    account = make.account(owner=rep, name="Brightwater Foods")
    person = make.contact(owner=rep, name="Dana Whitfield", account=account)
    return make.deal(owner=rep, title="Monitoring", account=account, contact=person)


@pytest.fixture
def page(client, rep):
    """A browser in which the rep is signed in."""
    client.force_login(rep)
    return client


def entries(answer):
    return [(entry.title, entry.detail) for entry in answer.context["timeline"].entries]


# ---- the page --------------------------------------------------------------------------------------


def test_it_shows_what_the_deal_is(page, deal):
    answer = page.get(f"/deals/{deal.pk}/")

    html = answer.content.decode()
    assert (answer.status_code, answer.templates[0].name) == (200, "deals/deal.html")
    assert "Brightwater Foods · Monitoring" in html
    assert "1,000.00\N{NO-BREAK SPACE}EUR" in html
    assert next(
        (str(row["label"]), str(row["answer"].value)) for row in answer.context["questions"]
    ) == ("Need", "unknown")


@pytest.mark.practice("C1")
def test_the_stages_are_the_six_of_spanco_and_the_last_one_is_won(page, deal, rep):
    pipeline.move(deal, to=make.stage(Phase.APPROACH), by=rep)

    steps = page.get(f"/deals/{deal.pk}/").context["steps"]

    assert [(step.stage.phase, step.is_done, step.is_now) for step in steps] == [
        ("suspect", True, False),
        ("prospect", True, False),
        ("approach", False, True),
        ("negotiation", False, False),
        ("conclusion", False, False),
        ("order", False, False),
    ]
    assert steps[-1].is_order


@pytest.mark.parametrize("user", ["outsider", "viewer", "colleague"])
def test_what_is_not_seen_is_not_there(client, deal, user, request):
    client.force_login(request.getfixturevalue(user))

    paths = [f"/deals/{deal.pk}/", f"/deals/{deal.pk}/edit/", f"/deals/{deal.pk}/people/"]
    assert {client.get(path).status_code for path in paths} == {404}
    assert client.post(f"/deals/{deal.pk}/move/").status_code == 404


def test_a_shared_deal_is_there(client, deal, colleague):
    deal.collaborators.add(colleague)
    client.force_login(colleague)

    assert client.get(f"/deals/{deal.pk}/").status_code == 200


def test_a_closed_deal_says_what_became_of_it(page, deal, rep):
    closing.lose(
        deal,
        by=rep,
        reason=make.reason("timing"),
        other_reasons=[make.reason("budget-gone")],
        competitor=make.competitor("Frostwatch"),
        buyer_words="Not this year.",
        reflection={"problems": "yes"},
    )

    answer = page.get(f"/deals/{deal.pk}/")

    assert answer.context["other_reasons"] == ["Budget gone"]
    assert answer.context["reflection"] == [("Problems fully understood?", "Yes")]
    assert (answer.context["may_undo"], answer.context["may_reopen"]) == (True, True)
    html = answer.content.decode()
    assert "“Not this year.”" in html
    assert "Frostwatch" in html


def test_a_won_deal_says_what_decided_it(page, deal, rep):
    closing.win(deal, by=rep, won_because=["value", "speed"])

    answer = page.get(f"/deals/{deal.pk}/")

    assert answer.context["won_because"] == ["Value of the solution", "Speed"]
    assert not answer.context["may_reopen"]


def test_the_chain_of_second_chances_leads_both_ways(page, deal, rep):
    closing.lose(deal, by=rep, reason=make.reason())
    again = reopening.second_chance(deal, by=rep, title="Once more")

    lost = page.get(f"/deals/{deal.pk}/").context
    opened = page.get(f"/deals/{again.pk}/").context

    assert (lost["second_chances"], lost["came_from"], lost["may_reopen"]) == ([again], None, False)
    assert (opened["second_chances"], opened["came_from"]) == ([], deal)


def test_an_earlier_deal_that_one_does_not_see_stays_unnamed(client, deal, rep, outsider):
    closing.lose(deal, by=rep, reason=make.reason())
    again = reopening.second_chance(deal, by=rep, title="Once more")
    Deal.objects.filter(pk=again.pk).update(owner=outsider)
    client.force_login(outsider)

    answer = client.get(f"/deals/{again.pk}/")

    assert answer.context["came_from"] is None
    assert "Monitoring" not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(page, deal, rep, django_assert_max_num_queries, count):
    for _each in range(count):
        person = make.contact(owner=rep, account=deal.account)
        directory.add_stakeholder(deal, contact=person, role="champion", by=rep)
        touches.log_touch(deal, by=rep, channel="call", result="no_answer", contact=person)

    with django_assert_max_num_queries(8):
        page.get(f"/deals/{deal.pk}/")


def test_a_deal_with_all_that_may_hang_on_it_stays_in_its_budget(
    client, deal, rep, colleague, manager, django_assert_max_num_queries
):
    closing.lose(deal, by=rep, reason=make.reason(), other_reasons=[make.reason("timing")])
    again = reopening.second_chance(deal, by=rep, title="Once more")
    directory.add_stakeholder(again, contact=again.contact, role="champion", by=rep)
    proposals.send(again, by=rep, amount="900.00", sent_on=dt.date(2026, 4, 20))
    again.collaborators.add(colleague)
    closing.win(again, by=rep)
    client.force_login(manager)

    for one in (deal, again):
        with django_assert_max_num_queries(12):  # quality.md
            client.get(f"/deals/{one.pk}/")
        with django_assert_max_num_queries(12):
            client.get(f"/deals/{one.pk}/aftermath/", headers={"HX-Request": "true"})


# ---- open, edit, move --------------------------------------------------------------------------------


def test_a_new_deal_brings_its_account_and_contact(page, rep):
    data = {
        "title": "Retrofit",
        "owner": rep.pk,
        "account_name": "Harbour Provisions",
        "contact_name": "Sam Okafor",
        "amount": "26800",
        "stage": make.stage(Phase.APPROACH).pk,
    }

    answer = page.post("/deals/new/", data)

    deal = Deal.objects.get()
    assert answer.url == f"/deals/{deal.pk}/"
    assert (deal.name, deal.contact.name, deal.owner) == (
        "Harbour Provisions · Retrofit",
        "Sam Okafor",
        rep,
    )
    assert (deal.amount, deal.currency, deal.stage.phase) == (26800, "EUR", "approach")


def test_from_an_account_its_name_is_not_asked_for(page, rep):
    account = make.account(owner=rep)

    shown = page.get(f"/deals/new/?account={account.pk}")
    page.post("/deals/new/", {"title": "Retrofit", "owner": rep.pk, "account": account.pk})

    assert shown.context["account"] == account
    assert (Deal.objects.get().account, Account.objects.count()) == (account, 1)


@pytest.mark.parametrize("named", ["999", "x"])
def test_an_account_that_is_not_there_is_asked_for(page, named):
    answer = page.get(f"/deals/new/?account={named}")

    assert (answer.status_code, answer.context["account"]) == (200, None)


def test_what_was_typed_stays_on_an_error(page, rep):
    answer = page.post("/deals/new/", {"account_name": "Harbour", "amount": "lots"})

    form = answer.context["form"]
    assert (answer.status_code, set(form.errors)) == (422, {"title", "owner", "amount"})
    assert (form["account_name"].value(), form["amount"].value()) == ("Harbour", "lots")
    assert Account.objects.count() == 0


def test_without_a_stage_nothing_can_be_opened(page, rep):
    make.Stage.objects.all().delete()

    answer = page.post("/deals/new/", {"title": "Retrofit", "owner": rep.pk})

    assert answer.status_code == 409
    assert "There is no stage yet" in answer.content.decode()


def test_a_viewer_opens_no_deals(client, viewer):
    client.force_login(viewer)

    assert client.get("/deals/new/").status_code == 403


def as_sent(answer, **typed):
    """What a browser sends for the form of `answer`, with some fields typed over."""
    data = {}
    for field in answer.context["form"]:
        value = field.value()
        data[field.html_name] = "" if value is None else str(value)
        data[field.html_initial_name] = data[field.html_name]
    return data | typed


def test_an_edit_is_written(page, deal):
    shown = page.get(f"/deals/{deal.pk}/edit/")

    answer = page.post(f"/deals/{deal.pk}/edit/", as_sent(shown, title="Renamed", fit="yes"))

    deal.refresh_from_db()
    assert answer.url == f"/deals/{deal.pk}/"
    assert (deal.title, deal.fit, deal.version) == ("Renamed", "yes", 2)


def test_two_people_edit_one_deal_and_nothing_is_lost(client, deal, rep, manager):
    client.force_login(rep)
    shown = client.get(f"/deals/{deal.pk}/edit/")
    pipeline.edit(deal, by=manager, amount=900, source="Fair")

    stale = client.post(
        f"/deals/{deal.pk}/edit/", as_sent(shown, title="Renamed", source="Referral")
    )

    deal.refresh_from_db()
    assert (stale.status_code, deal.title, deal.source) == (409, "Monitoring", "Fair")
    assert stale.context["changed_by"] == "Mona Manager"
    html = stale.content.decode()
    assert "Mona Manager changed this in the meantime" in html
    differences = stale.context["form"].differences
    assert [(one.label, one.was, one.now, one.mine) for one in differences] == [
        ("Amount", "1000.00", "900.00", "900.00"),
        ("Source", "", "Fair", "Referral"),
    ]

    client.post(f"/deals/{deal.pk}/edit/", as_sent(stale))

    deal.refresh_from_db()
    assert (deal.title, deal.source, deal.amount) == ("Renamed", "Referral", 900)


def test_a_closed_deal_keeps_its_owner(client, deal, rep, manager):
    closing.lose(deal, by=rep, reason=make.reason())
    client.force_login(manager)
    shown = client.get(f"/deals/{deal.pk}/edit/")

    answer = client.post(f"/deals/{deal.pk}/edit/", as_sent(shown, owner=str(manager.pk)))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"owner"})


def test_a_wrong_edit_says_where(page, deal):
    shown = page.get(f"/deals/{deal.pk}/edit/")

    answer = page.post(f"/deals/{deal.pk}/edit/", as_sent(shown, title=""))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"title"})


def test_a_move_by_a_press(page, deal):
    stage = make.stage(Phase.APPROACH)

    answer = page.post(f"/deals/{deal.pk}/move/", {"stage": stage.pk, "version": 1}, follow=True)

    deal.refresh_from_db()
    assert deal.stage == stage
    assert "Moved to Approach." in answer.content.decode()
    assert entries(answer)[0] == ("Suspect → Approach", "after 0 days")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"stage": "999"}, "Choose one of the stages."),
        ({}, "Choose one of the stages."),
        ({"stage": "3", "version": "7"}, "Somebody changed this in the meantime."),
    ],
)
def test_a_move_that_cannot_be_says_why(page, deal, data, words):
    answer = page.post(f"/deals/{deal.pk}/move/", data, follow=True)

    assert words in answer.content.decode()
    assert Deal.objects.get(pk=deal.pk).stage.phase == Phase.SUSPECT


def test_a_closed_deal_does_not_move(page, deal, rep):
    closing.lose(deal, by=rep, reason=make.reason())

    answer = page.post(f"/deals/{deal.pk}/move/", {"stage": "3"}, follow=True)

    assert "is closed: undo that first" in answer.content.decode()
