"""Touches, plans, follow-ups, stop rules and persistence over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.models.token import TokenScope
from deals.actions import closing
from followups.models import Plan, StopRule, Touch
from tests.factories import deals as make
from tests.factories import followups as made
from tests.programs import program


def tag(thing) -> str:
    return f'"{thing.version}"'


def pointers(answer) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


# ---- touches -------------------------------------------------------------------------------------


def test_a_touch_is_logged_and_read(rep):
    contact = make.contact(owner=rep)
    deal = make.deal(owner=rep, contact=contact)
    caller = program(rep)

    logged = caller.post(
        "/touches/",
        {
            "deal": deal.pk,
            "channel": "email",
            "result": "replied",
            "note": "Two sites first.",
            "at": "2026-04-20T07:30:00Z",
            "external_id": "T-1",
        },
    )

    touch = Touch.objects.get()
    assert (logged.status_code, logged["Location"]) == (
        201,
        f"http://testserver/api/v1/touches/{touch.pk}/",
    )
    assert logged.json() == {
        "id": touch.pk,
        "deal": deal.pk,
        "contact": contact.pk,
        "by": rep.pk,
        "at": "2026-04-20T07:30:00Z",
        "channel": "email",
        "direction": "in",
        "result": "replied",
        "minutes": None,
        "note": "Two sites first.",
        "resource": "",
        "signal": "",
        "commitment": "",
        "extra": {},
        "external_id": "T-1",
        "created_at": "2026-04-20T08:00:00Z",
    }
    assert caller.get(f"/touches/{touch.pk}/").json() == logged.json()


def test_a_touch_that_is_known_by_its_id_stays_as_it_is(rep):
    deal = make.deal(owner=rep)
    caller = program(rep)
    body = {"deal": deal.pk, "channel": "call", "result": "no_answer", "external_id": "T-1"}

    first, second = caller.post("/touches/", body), caller.post("/touches/", body)

    assert (first.json()["id"], second.status_code) == (second.json()["id"], 201)
    assert Touch.objects.count() == 1


def test_a_closed_deal_refuses_a_touch(rep):
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason(), by=rep)

    refused = program(rep).post(
        "/touches/", {"deal": deal.pk, "channel": "call", "result": "answered"}
    )

    assert refused.status_code == 409
    assert "closed at 08:00 on Mon 20 Apr" in refused.json()["detail"]


def test_a_touch_says_what_is_wrong_with_it(rep):
    deal = make.deal(owner=rep)
    caller = program(rep)

    wrong = caller.post(
        "/touches/", {"deal": deal.pk, "channel": "pigeon", "result": 3, "minutes": -1, "x": 1}
    )
    later = caller.post(
        "/touches/",
        {"deal": deal.pk, "channel": "call", "result": "answered", "at": "2026-05-01T08:00:00Z"},
    )

    assert (wrong.status_code, sorted(pointers(wrong))) == (400, ["/x"])
    assert (later.status_code, pointers(later)) == (400, ["/at"])


def test_whoever_does_not_see_a_deal_logs_nothing_on_it(rep, outsider, viewer):
    deal = make.deal(owner=rep)
    touch = made.touch(deal)
    body = {"deal": deal.pk, "channel": "call", "result": "answered"}

    unseen = program(outsider).post("/touches/", body)
    no_role = program(viewer).post("/touches/", body)

    assert (unseen.status_code, pointers(unseen)) == (400, ["/deal"])
    assert no_role.status_code == 403
    assert program(outsider).get(f"/touches/{touch.pk}/").status_code == 404
    assert program(viewer).get("/touches/").json()["results"] == []


def test_many_touches_come_at_once(rep):
    deals = [make.deal(owner=rep) for _ in range(3)]
    made.touch(deals[0], external_id="T-0")
    items = [
        {
            "deal": deal.pk,
            "channel": "call",
            "result": "no_answer",
            "at": f"2026-04-1{place}T08:00:00Z",
            "external_id": f"T-{place}",
        }
        for place, deal in enumerate(deals)
    ]

    answer = program(rep).post("/touches/bulk/", {"items": items})

    counts = {name: answer.json()[name] for name in ("created", "unchanged", "refused")}
    assert (answer.status_code, counts) == (200, {"created": 2, "unchanged": 1, "refused": 0})
    assert list(Touch.objects.order_by("external_id").values_list("external_id", flat=True)) == [
        "T-0",
        "T-1",
        "T-2",
    ]


def test_one_refused_touch_refuses_all_or_is_named(rep):
    deal, closed = make.deal(owner=rep), make.deal(owner=rep)
    closing.lose(closed, reason=make.reason(), by=rep)
    items = [{"deal": each.pk, "channel": "call", "result": "answered"} for each in (deal, closed)]
    caller = program(rep)

    whole = caller.post("/touches/bulk/", {"items": items})
    counted = Touch.objects.count()
    parts = caller.post("/touches/bulk/?partial=true", {"items": items})

    assert (whole.status_code, counted) == (409, 0)
    results = [result["result"] for result in parts.json()["results"]]
    assert (parts.status_code, results) == (200, ["created", "refused"])


def test_ids_are_used_once_and_not_guessed(rep, outsider):
    made.touch(make.deal(owner=outsider), external_id="T-9")
    deal = make.deal(owner=rep)
    item = {"deal": deal.pk, "channel": "call", "result": "answered", "external_id": "T-9"}
    caller = program(rep)

    taken = caller.post("/touches/bulk/", {"items": [item]})
    twice = caller.post("/touches/bulk/", {"items": [item | {"external_id": "T-1"}] * 2})

    assert [taken.status_code, twice.status_code] == [400, 400]
    assert Touch.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=email", 1),
        ("channel__in=email,call", 3),
        ("result=answered", 1),
        ("direction=in", 1),
        ("at__gte=2026-04-19T00:00:00Z", 1),
        ("search=offer", 1),
        ("contact=99", 0),
    ],
)
def test_touches_are_filtered(rep, query, found):
    deal = make.deal(owner=rep)
    made.touch(deal, days_ago=5)
    made.touch(deal, days_ago=4, channel="email", result="replied", note="The offer, please.")
    made.touch(deal, result="answered")

    answer = program(rep).get(f"/touches/?{query}")

    assert (answer.status_code, len(answer.json()["results"])) == (200, found)


# ---- plans ---------------------------------------------------------------------------------------


def test_a_plan_is_agreed_and_agreed_again(rep):
    contact = make.contact(owner=rep)
    deal = make.deal(owner=rep, contact=contact)
    caller = program(rep)

    agreed = caller.post("/plans/", {"deal": deal.pk, "interval_days": 14, "channel": "call"})
    plan = Plan.objects.get()
    changed = caller.patch(
        f"/plans/{plan.pk}/",
        {"next_at": "2026-05-06T09:00:00Z", "what": "Pilot"},
        if_match=agreed["ETag"],
    )
    stale = caller.patch(f"/plans/{plan.pk}/", {"interval_days": 3}, if_match=agreed["ETag"])

    assert (agreed.status_code, agreed.json()) == (
        201,
        {
            "id": plan.pk,
            "deal": deal.pk,
            "interval_days": 14,
            "channel": "call",
            "contact": contact.pk,
            "agreed_on": "2026-04-20",
            "version": 1,
            "created_at": "2026-04-20T08:00:00Z",
            "updated_at": "2026-04-20T08:00:00Z",
        },
    )
    assert (changed.status_code, changed["ETag"], stale.status_code) == (200, '"2"', 412)
    step = made.next_step(deal)
    assert (step.what, step.due_at.isoformat()) == ("Pilot", "2026-05-06T09:00:00+00:00")


# ---- follow-ups ----------------------------------------------------------------------------------


def test_a_follow_up_is_done_with_its_touch(rep):
    deal = make.deal(owner=rep)
    step = made.next_step(deal)
    caller = program(rep)

    empty = caller.post(f"/follow-ups/{step.pk}/done/", {}, if_match=tag(step))
    done = caller.post(
        f"/follow-ups/{step.pk}/done/",
        {"channel": "call", "result": "answered", "note": "Good"},
        if_match=tag(step),
    )

    touch = Touch.objects.get()
    assert (empty.status_code, pointers(empty)) == (400, ["/result"])
    assert (done.status_code, done.json()["state"], done.json()["done_by"]) == (
        200,
        "done",
        touch.pk,
    )
    assert done["ETag"] == '"2"'


def test_a_follow_up_is_left_out_once(rep):
    step = made.next_step(make.deal(owner=rep))
    caller = program(rep)

    skipped = caller.post(f"/follow-ups/{step.pk}/skip/", if_match=tag(step))
    again = caller.post(f"/follow-ups/{step.pk}/skip/", if_match=skipped["ETag"])
    unnamed = caller.post(f"/follow-ups/{step.pk}/skip/")

    assert (skipped.status_code, skipped.json()["state"]) == (200, "skipped")
    assert [again.status_code, unnamed.status_code] == [409, 428]


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=due", 3), ("purpose=revisit", 1), ("purpose__in=revisit,nurture", 2), ("", 4)],
)
def test_follow_ups_are_filtered(rep, query, found):
    make.deal(owner=rep)
    closing.lose(make.deal(owner=rep), reason=make.reason("budget-gone"), by=rep)

    answer = program(rep).get(f"/follow-ups/?{query}")

    assert len(answer.json()["results"]) == found


# ---- stop rules ----------------------------------------------------------------------------------


@pytest.mark.practice("E1")
def test_everybody_reads_the_rules_of_the_stages(rep, viewer):
    for reader in (rep, viewer):
        answer = program(reader).get("/stop-rules/?of_stages=true")

        assert [rule["max_unanswered"] for rule in answer.json()["results"]] == [4, 5, 6, 6, 6]


def test_a_manager_sets_changes_and_drops_a_deals_rule(rep, manager):
    deal = make.deal(owner=rep)
    caller = program(manager, scope=TokenScope.ADMIN)

    made_ = caller.post(
        "/stop-rules/", {"deal": deal.pk, "max_unanswered": 9, "max_silent_days": 90}
    )
    path = f"/stop-rules/{made_.json()['id']}/"
    changed = caller.patch(path, {"grace_days": 14}, if_match=made_["ETag"])
    dropped = caller.send("DELETE", path, if_match=changed["ETag"])

    assert [answer.status_code for answer in (made_, changed, dropped)] == [201, 200, 204]
    assert not StopRule.objects.filter(deal=deal).exists()


def test_who_may_not_set_rules_is_refused(rep, manager):
    body = {"stage": make.stage("suspect").pk, "max_unanswered": 9, "max_silent_days": 90}

    by_rep = program(rep, scope=TokenScope.ADMIN).post("/stop-rules/", body)
    small_token = program(manager, scope=TokenScope.WRITE).post("/stop-rules/", body)

    assert [by_rep.status_code, small_token.status_code] == [403, 403]


@pytest.mark.parametrize("named", [{}, {"stage": 1, "deal": 1}])
def test_a_rule_is_for_a_stage_or_for_a_deal(rep, manager, named):
    ids = {"stage": make.stage("suspect").pk, "deal": make.deal(owner=rep).pk}
    body = {"max_unanswered": 9, "max_silent_days": 90} | {name: ids[name] for name in named}

    answer = program(manager, scope=TokenScope.ADMIN).post("/stop-rules/", body)

    assert (answer.status_code, pointers(answer)) == (400, ["/stage"])


# ---- persistence ---------------------------------------------------------------------------------


@pytest.mark.practice("B1")
def test_persistence_is_read_against_the_rule(rep):
    deal = made.deal_at_risk(owner=rep)

    answer = program(rep).get(f"/deals/{deal.pk}/persistence/")

    assert answer.json() == {
        "unanswered": 1,
        "max_unanswered": 6,
        "silent_days": 50,
        "max_silent_days": 45,
        "grace_days": 7,
        "state": "met",
        "is_never_contacted": False,
        "last_heard_at": None,
        "last_touch_at": "2026-03-01T08:00:00Z",
        "agreed_until": None,
        "closes_on": "2026-04-27",
        "times_kept_open": 0,
    }


def test_a_won_deal_has_no_rule_to_meet(rep):
    deal = make.deal(owner=rep)
    closing.win(deal, by=rep)

    answer = program(rep).get(f"/deals/{deal.pk}/persistence/")

    assert (answer.json()["max_unanswered"], answer.json()["state"]) == (None, None)


@pytest.mark.practice("E5")
def test_a_deal_is_kept_open_with_a_next_step(rep, colleague, manager):
    deal = made.deal_at_risk(owner=rep)
    body = {"what": "Pilot review", "due_at": "2026-04-30T09:00:00Z", "channel": "meeting"}

    kept = program(rep).post(f"/deals/{deal.pk}/keep-open/", body, if_match=tag(deal))
    again = program(rep).post(f"/deals/{deal.pk}/keep-open/", body, if_match=tag(deal))
    by_manager = program(manager).post(f"/deals/{deal.pk}/keep-open/", body, if_match=tag(deal))
    unseen = program(colleague).post(f"/deals/{deal.pk}/keep-open/", body, if_match=tag(deal))

    assert (kept.status_code, kept.json()["until"]) == (201, "2026-04-30")
    assert [again.status_code, by_manager.status_code, unseen.status_code] == [409, 201, 404]


# ---- statements ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["touches", "plans", "follow-ups", "stop-rules"])
def test_a_list_takes_the_same_statements_for_one_row_as_for_three(rep, path):
    def fill(count: int) -> None:
        for _ in range(count):
            deal = make.deal(owner=rep, contact=make.contact(owner=rep))
            made.touch(deal)
            made.plan(deal)
            made.stop_rule(deal=deal)

    caller = program(rep)
    counts = []
    for count in (1, 2):
        fill(count)
        with CaptureQueriesContext(connection) as queries:
            answer = caller.get(f"/{path}/")
        counts.append(len(queries))

    assert (answer.status_code, counts) == (200, [2, 2])
