"""The deal page: what it is, what happened, who takes part; opening, editing and moving it."""

import datetime as dt

import pytest

from crm.shared.models import EventRecord
from deals.actions import closing, directory, pipeline, reopening
from deals.models import Account, Deal, Stakeholder
from deals.states import Phase
from deals.views.people import map_of
from deals.views.timeline_words import Facts, entry_of
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
        (str(row["label"]), str(row["answer"].value)) for row in answer.context["qualification"]
    ) == ("Need", "unknown")


@pytest.mark.practice("C1")
def test_the_stages_are_the_six_of_spanco_and_the_last_one_is_won(page, deal, rep):
    pipeline.move(deal, to=make.stage(Phase.APPROACH), by=rep)

    steps = page.get(f"/deals/{deal.pk}/").context["stages"]

    assert [(step["stage"].phase, step["is_done"], step["is_now"]) for step in steps] == [
        ("suspect", True, False),
        ("prospect", True, False),
        ("approach", False, True),
        ("negotiation", False, False),
        ("conclusion", False, False),
        ("order", False, False),
    ]
    assert steps[-1]["is_order"]


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

    with django_assert_max_num_queries(12):
        page.get(f"/deals/{deal.pk}/")


# ---- the timeline ----------------------------------------------------------------------------------


def touch(deal, rep, now, *, days, **facts):
    known = {"channel": "call", "result": "answered", "contact": deal.contact}
    touches.log_touch(deal, by=rep, at=now - dt.timedelta(days=days), **(known | facts))


def test_the_timeline_tells_who_spoke(page, deal, rep, now):
    Deal.objects.filter(pk=deal.pk).update(opened_at=now - dt.timedelta(days=30))
    touch(deal, rep, now, days=3, note="“Priya decides.”", minutes=18, signal="warmer")
    touch(deal, rep, now, days=2, channel="email", result="sent", note="Offer sent.")
    touch(deal, rep, now, days=1, result="no_answer")

    answer = page.get(f"/deals/{deal.pk}/")

    timeline = [entry for entry in answer.context["timeline"].entries if entry.title != "Opened"]
    assert [
        (entry.title, entry.detail, entry.kind, entry.voice, entry.text) for entry in timeline
    ] == [
        ("Call, no answer", "to Dana Whitfield", "no", "", ""),
        ("E-mail, sent", "to Dana Whitfield", "no", "", "Offer sent."),
        ("Dana Whitfield answered", "call", "in", "“Priya decides.”", ""),
    ]
    assert [line.text for line in timeline[0].planned] == ["Next: e-mail"]
    assert ([mark.text for mark in timeline[2].marks], timeline[2].minutes) == (["warmer"], 18)


def test_the_sides_can_be_told_apart(page, deal, rep, now):
    touch(deal, rep, now, days=2, direction="in", channel="email", result="replied", note="Soon.")
    touch(deal, rep, now, days=1, result="no_answer")

    buyer = page.get(f"/deals/{deal.pk}/?show=buyer").context["timeline"].entries
    us = page.get(f"/deals/{deal.pk}/?show=us").context["timeline"].entries

    assert [(entry.title, entry.voice) for entry in buyer] == [("Dana Whitfield replied", "Soon.")]
    assert [entry.title for entry in us] == ["Call, no answer"]


def test_a_closing_stands_above_what_it_set_up(page, deal, rep):
    closing.lose(deal, by=rep, reason=make.reason("poor-fit"))

    answer = page.get(f"/deals/{deal.pk}/")

    first = answer.context["timeline"].entries[0]
    assert (first.title, first.detail) == ("Lost: Poor fit", "by Rita Rep")
    assert [line.text for line in first.planned] == [
        "Dana is asked why, neutrally",
        "Review, ten minutes",
        "You ask Dana for a referral",
    ]


def test_an_undone_closing_stays_on_the_record(page, deal, rep, now):
    closing.lose(deal, by=rep, reason=make.reason("timing"), buyer_words="Not now.")
    reopening.undo_close(deal, by=rep, now=now)

    answer = page.get(f"/deals/{deal.pk}/")

    shown = {entry.title: entry for entry in answer.context["timeline"].entries}
    assert shown["Lost: Timing"].voice == "Not now."
    assert [mark.text for mark in shown["Lost: Timing"].marks] == ["undone"]
    assert "Closing undone" in shown


def test_an_edit_says_what_was_and_what_is(page, deal, rep):
    pipeline.edit(deal, by=rep, amount=2000, expected_close_on=dt.date(2026, 6, 1), need="yes")

    first = page.get(f"/deals/{deal.pk}/").context["timeline"].entries[0]

    assert (first.title, first.text) == (
        "Edited",
        "Amount: 1,000.00 → 2,000.00; Expected close: – → Mon 1 Jun; Need: don’t know → yes",
    )


def test_a_long_history_comes_whole_when_asked_for(page, deal, rep, monkeypatch):
    monkeypatch.setattr("deals.views.timeline.ROWS", 1)
    pipeline.edit(deal, by=rep, amount=2000)

    short = page.get(f"/deals/{deal.pk}/").context["timeline"]
    whole = page.get(f"/deals/{deal.pk}/?whole=1").context["timeline"]

    assert (len(short.entries), short.has_more) == (1, True)
    assert (len(whole.entries), whole.has_more) == (2, False)


WORDS = [
    ("deal.created", {}, "Opened"),
    ("deal.created", {"second_chance_of": 3}, "Opened as a second chance"),
    ("deal.moved", {"from_stage": "A", "to_stage": "B", "days_in_stage": 1}, "A → B"),
    ("deal.lost", {"outcome_id": 1, "reason": "timing", "automatic": True}, "Lost: timing"),
    ("deal.disqualified", {"outcome_id": 1, "disqualified_as": "duplicate"}, "Let go: Duplicate"),
    ("deal.won", {"outcome_id": 1}, "Won"),
    (
        "deal.past_closing_recorded",
        {"outcome_id": 1, "kind": "lost", "reason": ""},
        "A closing of the past came in",
    ),
    ("deal.second_chance", {"lost_deal_id": 1}, "Second chance"),
    ("deal.at_risk", {"unanswered": 6, "silent_days": 41}, "Meets its stop rule"),
    ("deal.kept_open", {"what": "Demo"}, "Kept open"),
    ("plan.agreed", {"interval_days": 7}, "Rhythm agreed"),
    ("follow_up.planned", {"channel": "call", "purpose": "close"}, "Next: call"),
    ("follow_up.planned", {"channel": "post", "purpose": "close"}, "Next step"),
    ("follow_up.planned", {"what": "Demo", "purpose": "close"}, "Next: Demo"),
    ("follow_up.planned", {"channel": "call", "purpose": "revisit"}, "Call again"),
    ("follow_up.planned", {"channel": "post", "purpose": "revisit"}, "Be in touch again"),
    ("follow_up.planned", {"purpose": "nurture"}, "Stay in touch"),
    ("follow_up.done", {"skipped": True}, "Follow-up left out"),
    ("follow_up.done", {}, "Follow-up done"),
    ("review.planned", {"due_on": "2026-04-27"}, "Review, ten minutes"),
    ("review.held", {}, "Review held"),
    ("feedback.invitation_planned", {}, "The buyer is asked why, neutrally"),
    ("feedback.invited", {}, "The buyer was asked why"),
    ("feedback.received", {}, "The buyer answered"),
    ("referral.ask_planned", {}, "You ask for a referral"),
    ("referral.asked", {"state": "given"}, "A referral was given"),
    ("referral.asked", {"state": "forgotten"}, "Referral ask"),
    ("something.new", {}, "something.new"),
    (
        "touch.logged",
        {"channel": "pigeon", "result": "replied", "direction": "in", "heard": True},
        "The buyer replied",
    ),
    (
        "touch.logged",
        {"channel": "meeting", "result": "kept", "direction": "out", "heard": True},
        "Meeting kept",
    ),
    (
        "touch.logged",
        {"channel": "email", "result": "out_of_office", "direction": "in", "heard": False},
        "E-mail, out of office",
    ),
]


@pytest.mark.parametrize(("name", "data", "title"), WORDS)
def test_every_event_has_words(now, name, data, title):
    record = EventRecord(name=name, at=now, data=data)

    assert entry_of(record, Facts(names={}, outcomes={})).title == title


# ---- people ----------------------------------------------------------------------------------------


def stake(name, **facts):
    known = {"role": "user", "stance": 0, "in_the_room": True, "met": True}
    contact = make.Contact(name=name)
    return Stakeholder(contact=contact, **(known | facts))


def test_the_map_keeps_people_apart():
    people = [
        stake("Ann", stance=2),
        stake("Bob", stance=1, role="decision_maker", met=False),
        stake("Cy", stance=-2),
        stake("Di", in_the_room=False),
    ]

    found = map_of(people)

    assert [(dot.person.contact.name, dot.x, dot.y, dot.decides) for dot in found.dots] == [
        ("Ann", 238, 42, False),
        ("Bob", 184, 88, True),
        ("Cy", 24, 42, False),
        ("Di", 131, 176, False),
    ]
    assert found.words == (
        "Ann, for us; Bob, leaning to us, not met; Cy, against; Di, neutral, outside"
    )
    assert (found.room_height, found.outside_top, found.height) == (132, 140, 226)


def test_a_crowd_makes_the_room_higher():
    found = map_of([stake(f"P{number}") for number in range(5)])

    assert (found.room_height, [dot.y for dot in found.dots]) == (268, [42, 88, 134, 180, 226])


def test_nobody_has_no_map():
    assert map_of([]) is None


def test_somebody_is_put_on_the_deal(page, deal, rep):
    data = {"contact": deal.contact_id, "role": "champion", "stance": "2", "met": "on"}

    asked = page.get(f"/deals/{deal.pk}/people/", headers={"HX-Request": "true"})
    answer = page.post(f"/deals/{deal.pk}/people/", data)

    assert asked.templates[0].name == "deals/_person.html"
    assert answer.url == f"/deals/{deal.pk}/"
    stakeholder = deal.stakeholders.get()
    assert (stakeholder.role, stakeholder.stance, stakeholder.in_the_room, stakeholder.met) == (
        "champion",
        2,
        False,
        True,
    )


def test_a_part_can_change(page, deal, rep):
    known = directory.add_stakeholder(deal, contact=deal.contact, role="user", by=rep)
    address = f"/deals/{deal.pk}/people/?stakeholder={known.pk}"

    shown = page.get(address).context["form"]["role"].value()
    page.post(address, {"contact": deal.contact_id, "role": "champion", "stance": "-1"})

    assert shown == "user"
    assert [(one.pk, one.role, one.stance) for one in deal.stakeholders.all()] == [
        (known.pk, "champion", -1)
    ]


def test_a_part_in_another_deal_is_not_there(page, deal, rep):
    other = make.deal(owner=rep)
    known = directory.add_stakeholder(other, contact=deal.contact, role="user", by=rep)

    assert page.get(f"/deals/{deal.pk}/people/?stakeholder={known.pk}").status_code == 404


def test_a_part_needs_a_person_and_a_role(page, deal):
    answer = page.post(f"/deals/{deal.pk}/people/", {})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"contact", "role", "stance"}


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
