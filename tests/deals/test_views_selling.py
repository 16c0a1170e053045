"""The deal page at work: qualify, be sure, park, share, propose, and follow the order."""

import datetime as dt

import pytest

from deals.actions import closing, directory, orders, outlook, proposals, reopening
from deals.models import Deal, Order, Proposal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(rep):
    account = make.account(owner=rep, name="Brightwater Foods")
    person = make.contact(owner=rep, name="Dana Whitfield", account=account)
    return make.deal(owner=rep, title="Monitoring", account=account, contact=person)


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


@pytest.fixture
def proposal(deal, rep, now):
    return proposals.send(deal, by=rep, sent_on=now.date(), amount=900)


@pytest.fixture
def order(deal, rep):
    closing.win(deal, by=rep)
    return deal.orders.get()


def shown(page, deal) -> str:
    return str(page.get(f"/deals/{deal.pk}/").content.decode())


@pytest.mark.practice("B9")
def test_a_question_is_answered_with_one_press(page, deal):
    path = f"/deals/{deal.pk}/qualify/"
    before = page.get(f"/deals/{deal.pk}/").context["missing"]

    plain = page.post(path, {"question": "need", "answer": "yes"})
    part = page.post(path, {"question": "budget", "answer": "no"}, headers=HTMX)

    deal.refresh_from_db()
    assert plain.url == f"/deals/{deal.pk}/"
    assert (deal.need, deal.budget) == ("yes", "no")
    assert [str(one) for one in before] == ["Need", "Authority", "Budget", "Timing", "Fit"]
    assert [str(one) for one in part.context["missing"]] == ["Authority", "Timing", "Fit"]
    assert part.templates[0].name == "deals/_facts.html"


@pytest.mark.parametrize(
    ("path", "said"),
    [("qualify", {"question": "title", "answer": "yes"}), ("confidence", {"percent": "101"})],
)
def test_what_is_no_answer_is_told(page, deal, path, said):
    answer = page.post(f"/deals/{deal.pk}/{path}/", said, follow=True)

    assert "Choose one of the answers." in answer.content.decode()


def test_a_confidence_stands_beside_the_one_before(page, deal, rep):
    for percent in ("75", "60"):
        page.post(f"/deals/{deal.pk}/confidence/", {"percent": percent})
    html = shown(page, deal)
    closing.lose(deal, by=rep, reason=make.reason())
    late = page.post(f"/deals/{deal.pk}/confidence/", {"percent": "90"}, follow=True)

    assert "60 %" in html
    assert "was 75 %" in html
    assert "This deal is closed." in late.content.decode()


def test_a_deal_is_parked_and_taken_up_again(page, deal, now):
    day = now.date() + dt.timedelta(days=9)
    wrong = page.post(f"/deals/{deal.pk}/park/", {"until": now.date(), "because": "Budget"})

    page.post(f"/deals/{deal.pk}/park/", {"until": day, "because": "New budget"})
    html = shown(page, deal)
    row = page.get("/deals/").content.decode()
    page.post(f"/deals/{deal.pk}/unpark/")
    again = page.post(f"/deals/{deal.pk}/unpark/", {"from": "list"}, headers=HTMX)

    deal.refresh_from_db()
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"until"})
    assert "New budget" in html
    assert "Parked until" in row
    assert deal.parked_until is None
    assert again.status_code == 200


def test_what_is_parked_is_not_moving_until_it_wakes(page, deal, rep, now):
    outlook.park(deal, until=now.date() + dt.timedelta(days=9), because="x", by=rep, now=now)
    parked = page.get("/deals/totals/").context["whole"].count
    Deal.objects.filter(pk=deal.pk).update(parked_until=now)
    awake = page.get("/deals/totals/").context["whole"].count

    assert (parked, awake) == (0, 1)


def test_a_deal_is_shared_from_its_page(page, deal, colleague):
    page.post(f"/deals/{deal.pk}/share/", {"people": [colleague.pk]})

    assert list(deal.collaborators.all()) == [colleague]
    assert colleague.name in shown(page, deal)


@pytest.mark.practice("B9")
@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([], ["No decision-maker yet", "No champion yet"]),
        (["gatekeeper"], ["Only a gatekeeper so far: who decides?", "No champion yet"]),
        (["champion", "economic_buyer"], ["The decision-maker is not met yet"]),
    ],
)
def test_the_missing_roles_are_named(page, deal, rep, roles, words):
    for role in roles:
        person = make.contact(owner=rep, account=deal.account)
        directory.add_stakeholder(deal, contact=person, role=role, by=rep)

    assert page.get(f"/deals/{deal.pk}/").context["missing_roles"] == words


def test_a_person_is_taken_off_the_deal(page, deal, rep):
    known = directory.add_stakeholder(deal, contact=deal.contact, role="champion", by=rep)

    page.post(f"/stakeholders/{known.pk}/remove/")

    assert not deal.stakeholders.exists()
    assert "Dana Whitfield is off the deal" in shown(page, deal)


def test_a_proposal_is_sent_answered_and_argued(page, deal, now):
    path = f"/deals/{deal.pk}/proposals/"
    start = page.get(path).context["form"]
    page.post(path, {"sent_on": now.date(), "amount": "52900", "offer": "Fourteen sites"})
    sent = Proposal.objects.get()
    points = {
        "points-TOTAL_FORMS": "2",
        "points-INITIAL_FORMS": "0",
        "points-0-objection": "Too much at once",
        "points-0-reply": "Two waves",
        "version": "1",
    }
    page.post(f"/proposals/{sent.pk}/objections/", points)
    stale = page.post(f"/proposals/{sent.pk}/objections/", points | {"points-0-reply": "Three"})
    page.post(f"/proposals/{sent.pk}/answer/", {"state": "declined", "words": "Not now"})

    html = shown(page, deal)
    assert (start["amount"].value(), start["sent_on"].value()) == (deal.amount, now.date())
    assert stale.status_code == 409
    for words in ("52,900.00", "Fourteen sites", "“Too much at once”", "Two waves", "“Not now”"):
        assert words in html


def test_a_proposal_that_cannot_be_sent_says_why(page, deal, rep, now):
    path = f"/deals/{deal.pk}/proposals/"
    tomorrow = page.post(path, {"sent_on": now.date() + dt.timedelta(days=1)})
    closing.lose(deal, by=rep, reason=make.reason())
    late = page.post(path, {"sent_on": now.date()})

    assert (tomorrow.status_code, set(tomorrow.context["form"].errors)) == (422, {"sent_on"})
    assert late.status_code == 409


def test_objections_that_cannot_be_read_are_asked_for_again(page, proposal):
    answer = page.post(f"/proposals/{proposal.pk}/objections/", {"points-TOTAL_FORMS": "x"})

    assert answer.status_code == 422


@pytest.mark.practice("C7")
def test_an_order_is_followed_on_the_page_of_the_won_deal(page, deal, order, now):
    asked = page.get(f"/orders/{order.pk}/move/?state=issue").context["form"]
    page.post(f"/orders/{order.pk}/move/", {"state": "delivered"})
    page.post(f"/orders/{order.pk}/edit/", {"delivered_on": now.date(), "satisfaction": "9"})
    check = order.checks.get(after_days=30)
    page.post(f"/value-checks/{check.pk}/", {"satisfaction": "8", "words": "Half the waste"})
    other = order.checks.get(after_days=90)
    page.post(f"/value-checks/{other.pk}/", {"skip": "1"})
    gone = page.post(f"/value-checks/{other.pk}/", {"skip": "1", "from": "list"}, headers=HTMX)

    order.refresh_from_db()
    assert set(asked.fields) == {"state", "on", "issue"}
    assert (order.state, order.satisfaction) == ("delivered", 8)
    assert "“Half the waste”" in shown(page, deal)
    assert gone.status_code == 200


def test_an_issue_takes_words(page, order):
    answer = page.post(f"/orders/{order.pk}/move/", {"state": "issue", "issue": ""})

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"issue"})
    assert Order.objects.get().state == "confirmed"


@pytest.mark.practice("C7")
def test_repeat_business_leads_both_ways(page, deal, order):
    answer = page.post(f"/orders/{order.pk}/repeat/", {"title": "Second hall"})

    again = Deal.objects.get(title="Second hall")
    assert answer.url == f"/deals/{again.pk}/"
    before = page.get(f"/deals/{deal.pk}/").context
    after = page.get(f"/deals/{again.pk}/").context
    assert (before["repeated_by"], before["repeats"]) == ([again], None)
    assert (after["repeated_by"], after["repeats"]) == ([], deal)


def test_an_earlier_order_that_one_does_not_see_stays_unnamed(client, order, rep, outsider):
    again = orders.repeat(order, by=rep)
    Deal.objects.filter(pk=again.pk).update(owner=outsider)
    client.force_login(outsider)

    assert client.get(f"/deals/{again.pk}/").context["repeats"] is None


def test_an_order_of_an_undone_win_is_gone_from_the_page(page, deal, order, rep, now):
    reopening.undo_close(deal, by=rep, now=now)

    assert "order" not in page.get(f"/deals/{deal.pk}/").context


def test_the_stage_bar_tells_the_time_in_each_stage(page, deal, now):
    changes = deal.stage_changes.get()
    changes.at = now - dt.timedelta(days=50)
    changes.save()
    Deal.objects.filter(pk=deal.pk).update(entered_stage_at=changes.at)

    first = page.get(f"/deals/{deal.pk}/").context["steps"][0]

    assert (first.days, first.is_now, first.is_stuck) == (50, True, True)


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("who", ["rep", "manager"])
def test_an_open_deal_takes_twelve_queries(
    client, deal, rep, request, now, who, count, django_assert_max_num_queries
):
    for number in range(count):
        person = make.contact(owner=rep, account=deal.account)
        directory.add_stakeholder(deal, contact=person, role="champion", by=rep)
        proposals.send(deal, by=rep, sent_on=now.date())
        outlook.state_confidence(deal, percent=number, by=rep, now=now)
    client.force_login(request.getfixturevalue(who))

    with django_assert_max_num_queries(12):
        client.get(f"/deals/{deal.pk}/")
