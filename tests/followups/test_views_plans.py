"""Agreeing, keeping open, letting go, ticking off and leaving out, by page."""

import datetime as dt

import pytest
from django.urls import reverse

from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal
from followups.models import FollowUp, KeptOpen, Plan
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in(client, rep):
    client.force_login(rep)
    return client


def deal_of(rep: User) -> Deal:
    return make.deal(owner=rep, contact=make.contact(owner=rep, name="Dana Whitfield"))


# ---- agreeing ------------------------------------------------------------------------------------


def test_a_plan_is_agreed_in_the_contacts_own_time(signed_in, rep):
    deal = deal_of(rep)
    url = reverse("followups:agree-plan", args=[deal.pk])
    said = {"interval_days": 14, "channel": "call", "contact": deal.contact.pk}

    dialog = signed_in.get(url, headers=HTMX)
    agreed = signed_in.post(url, said | {"next_at": "2026-05-06", "time": "10:30", "what": "Demo"})

    assert (dialog.status_code, agreed.status_code, agreed["Location"]) == (
        200,
        302,
        f"/deals/{deal.pk}/",
    )
    step = made.next_step(deal)
    assert (step.due_at, step.what) == (dt.datetime(2026, 5, 6, 9, 30, tzinfo=dt.UTC), "Demo")
    assert Plan.objects.get().interval_days == 14


def test_a_date_gone_by_is_said_at_its_field(signed_in, rep):
    deal = deal_of(rep)
    url = reverse("followups:agree-plan", args=[deal.pk])

    answer = signed_in.post(
        url, {"interval_days": 7, "channel": "call", "next_at": "2026-04-01"}, headers=HTMX
    )

    assert answer.status_code == 422
    assert "Choose a day to come." in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_an_agreement_on_a_closed_deal_is_refused(signed_in, rep):
    deal = deal_of(rep)
    closing.lose(deal, reason=make.reason(), by=rep)
    url = reverse("followups:agree-plan", args=[deal.pk])

    answer = signed_in.post(url, {"interval_days": 7, "channel": "call"})

    assert answer.status_code == 409
    assert "This deal is closed" in answer.content.decode()


# ---- keeping open and letting go -----------------------------------------------------------------


@pytest.mark.practice("E5")
def test_a_deal_is_kept_open_with_a_next_step(signed_in, rep):
    deal = made.deal_at_risk(owner=rep)
    url = reverse("followups:keep-open", args=[deal.pk])

    page = signed_in.get(url)
    empty = signed_in.post(url, {"channel": "call"})
    kept = signed_in.post(url, {"what": "Pilot", "due_at": "2026-04-29", "channel": "meeting"})

    assert [page.status_code, empty.status_code, kept.status_code] == [200, 422, 302]
    step = KeptOpen.objects.get()
    assert (step.what, step.due_at.isoformat()) == ("Pilot", "2026-04-29T09:00:00+00:00")


def test_a_second_time_is_refused_to_the_owner(signed_in, rep):
    deal = made.deal_at_risk(owner=rep)
    url = reverse("followups:keep-open", args=[deal.pk])
    said = {"what": "Pilot", "due_at": "2026-04-29", "channel": "meeting"}
    signed_in.post(url, said)

    answer = signed_in.post(url, said)

    assert answer.status_code == 409
    assert "A manager can do it again." in answer.content.decode()


def test_only_owner_and_manager_keep_open(client, rep, colleague, manager, outsider):
    deal = made.deal_at_risk(owner=rep)
    deal.collaborators.add(colleague)
    answers = {}
    for person in (colleague, manager, outsider):
        client.force_login(person)
        url = reverse("followups:keep-open", args=[deal.pk])
        answers[person.name] = client.get(url).status_code

    assert answers == {"Carl Colleague": 403, "Mona Manager": 200, "Otto Outsider": 404}


@pytest.mark.practice("A12")
def test_letting_go_is_one_click(signed_in, rep):
    deal = made.deal_at_risk(owner=rep)
    url = reverse("followups:let-go", args=[deal.pk])

    gone = signed_in.post(url, {"next": "/"})
    again = signed_in.post(url)

    deal.refresh_from_db()
    assert (gone.status_code, gone["Location"], deal.status) == (
        302,
        f"/deals/{deal.pk}/closed/?next=%2F",
        "lost",
    )
    assert again["Location"] == f"/deals/{deal.pk}/"
    assert signed_in.get(url).status_code == 405


# ---- follow-ups ----------------------------------------------------------------------------------


def test_a_call_again_is_ticked_off_in_its_row(signed_in, rep):
    deal = deal_of(rep)
    closing.lose(deal, reason=make.reason(), by=rep)
    revisit = FollowUp.objects.get(deal=deal, purpose="revisit")
    url = reverse("followups:done", args=[revisit.pk])

    row = signed_in.post(url, {"from": "list"}, headers=HTMX)
    again = signed_in.post(url)

    revisit.refresh_from_db()
    assert (row.status_code, revisit.state) == (200, "done")
    assert (again.status_code, again["Location"]) == (302, f"/deals/{deal.pk}/")


def test_an_open_deal_asks_for_the_touch_instead(signed_in, rep):
    deal = deal_of(rep)
    step = made.next_step(deal)

    answer = signed_in.post(reverse("followups:done", args=[step.pk]))

    assert answer["Location"] == f"/deals/{deal.pk}/touches/?follow_up={step.pk}"
    assert signed_in.get(answer["Location"]).status_code == 200


def test_a_follow_up_is_left_out_in_its_row_or_on_its_page(signed_in, rep):
    deal = deal_of(rep)
    first = made.next_step(deal)
    row = signed_in.post(reverse("followups:skip", args=[first.pk]), {"from": "list"}, headers=HTMX)
    second = made.next_step(deal)
    page = signed_in.post(reverse("followups:skip", args=[second.pk]))
    again = signed_in.post(reverse("followups:skip", args=[second.pk]))

    assert [row.status_code, page.status_code, again.status_code] == [200, 302, 302]
    assert "Next: Tue 28 Apr" in row.content.decode()
    assert FollowUp.objects.filter(state="skipped").count() == 2


def test_an_unseen_follow_up_is_not_there(client, rep, outsider):
    step = made.next_step(deal_of(rep))
    client.force_login(outsider)

    answers = [
        client.post(reverse(name, args=[step.pk])) for name in ("followups:done", "followups:skip")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


# ---- panels by themselves ------------------------------------------------------------------------


def test_each_panel_can_be_asked_for_alone(signed_in, rep):
    deal, won = deal_of(rep), deal_of(rep)
    made.touch(deal)
    closing.win(won, by=rep)
    names = ("followups:plan-panel", "followups:persistence-panel")

    shown = [signed_in.get(reverse(name, args=[deal.pk])) for name in names]
    nothing = [signed_in.get(reverse(name, args=[won.pk])).status_code for name in names]

    assert [answer.status_code for answer in shown] == [200, 200]
    assert "Tue 28 Apr" not in shown[0].content.decode()
    assert "Mon 27 Apr, 09:00" in shown[0].content.decode()
    assert "30</span> days of silence" in shown[1].content.decode()
    assert nothing == [204, 204]
