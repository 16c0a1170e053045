"""Faults seen in more than one other system, each as a test with the name of its row; "seen in" is in the research.

Rows that wait: "survivor bias" and the once-counted re-entry of "re-entry counted twice" come with the funnel of
stages. What of these rows applies to what is there stands below, what
closings leave behind in test_regressions_of_closings.py.
"""

import datetime as dt

import pytest
import time_machine
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from crm.reports.losses_by_reason import losses_by_reason
from crm.reports.win_rate import win_rate
from crm.shared import teams
from crm.shared.errors import ActionRefused
from deals.actions import closing, pipeline, reopening, setup
from deals.models import Deal, LossReason, Outcome, Stage, StageChange
from deals.states import Answer, Control, DealStatus, Phase
from followups.actions import letting_go
from followups.states import FollowUpState, Purpose
from tests.factories import deals, followups
from tests.factories import reports as make
from tests.programs import program
from tests.rules import snapshots
from tests.rules.test_every_way_to_lost import WAYS

SPOKEN = (DealStatus, Phase, Answer, Control, FollowUpState, Purpose)
MONTHS = [f"2026-{month:02}" for month in range(1, 8)]
TENTH_OF_MAY = dt.datetime(2026, 5, 10, 12, tzinfo=dt.UTC)
IN_JUNE = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def a_deal(owner, **fields):
    account = deals.account(owner=owner)
    contact = deals.contact(owner=owner, account=account)
    return deals.deal(owner=owner, account=account, contact=contact, **fields)


def lost_in(month, user) -> int:
    day = dt.date.fromisoformat(f"{month}-01")
    end = (day + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    figures = losses_by_reason(make.filters(day.isoformat(), end.isoformat()), user).figures
    decided = win_rate(make.filters(day.isoformat(), end.isoformat()), user)
    assert decided.figures["win_rate"].n == figures["losses"].n  # both reports count the same
    return figures["losses"].n


@pytest.mark.practice("A1")
def test_the_date_of_loss_is_its_own_and_shared_with_no_other(rep):
    deal = a_deal(rep, expected_close_on=dt.date(2026, 3, 31), opened_at=make.noon("2026-01-05"))
    with time_machine.travel(TENTH_OF_MAY, tick=False):
        closing.lose(deal, reason=deals.reason(), by=rep)
    with time_machine.travel(IN_JUNE, tick=False):
        pipeline.edit(deal, by=rep, title="Renamed", expected_close_on=dt.date(2026, 6, 30))
        found = {month: lost_in(month, rep) for month in MONTHS}
        link = program(rep).get("/deals/?closed_from=2026-05-10&closed_to=2026-05-10").json()

    deal.refresh_from_db()
    assert (deal.closed_at, deal.outcome.at) == (TENTH_OF_MAY, TENTH_OF_MAY)
    assert found == dict.fromkeys(MONTHS, 0) | {"2026-05": 1}
    assert [one["id"] for one in link["results"]] == [deal.pk]


def test_the_lost_report_is_keyed_on_the_closing_not_on_creation_or_last_change(rep):
    """Recorded in June as lost on 10 May: what counts is when it was lost."""
    deal = a_deal(rep, opened_at=make.noon("2026-01-05"))

    with time_machine.travel(IN_JUNE, tick=False):
        closing.lose(deal, reason=deals.reason(), by=rep, at=TENTH_OF_MAY)
        found = {month: lost_in(month, rep) for month in MONTHS}

    assert found == dict.fromkeys(MONTHS, 0) | {"2026-05": 1}


def test_re_entry_is_neither_overwritten_nor_forgotten(rep):
    deal = a_deal(rep)
    approach, negotiation = deals.stage("approach"), deals.stage("negotiation")

    for stage in (negotiation, approach, negotiation):
        pipeline.move(deal, to=stage, by=rep)

    entered = StageChange.objects.filter(deal=deal).values_list("to_stage__phase", flat=True)
    assert list(entered) == ["suspect", "negotiation", "approach", "negotiation"]


def test_the_reason_rule_is_not_only_in_the_dialog(rep, manager, client):
    """Every way gives the same words when the reason's own rule refuses; more in test_every_way_to_lost.py."""
    client.force_login(rep)
    deal = a_deal(rep)
    version, reason = {"version": deal.version}, {"reason": "other"}
    form, bulk = reverse("deals:lose", args=[deal.pk]), reverse("deals:bulk")

    answers = {
        "form": client.post(form, version | reason),
        "dialog": client.post(form, version | reason, headers={"HX-Request": "true"}),
        "bulk": client.post(bulk, reason | {"deal": [deal.pk], "next": "/deals/"}, follow=True),
        "API": program(rep).post(f"/deals/{deal.pk}/lose/", reason, if_match=f'"{deal.version}"'),
    }

    words = "Say in a few words what it was."
    silent = {name for name, answer in answers.items() if words not in answer.content.decode()}
    assert (answers.keys(), silent) == (WAYS.keys(), set())
    assert Deal.objects.get(pk=deal.pk).is_open


@pytest.mark.practice("A1")
def test_a_card_cannot_be_dragged_to_lost(rep, client):
    """A drag moves between stages: into the Order phase it is refused in words, and no drag writes the state."""
    client.force_login(rep)
    deal = a_deal(rep)
    won = Stage.objects.get(phase="order")
    path = reverse("deals:move", args=[deal.pk])
    card = {"Accept": "application/json"}

    dragged = client.post(path, {"stage": won.pk, "version": deal.version}, headers=card)
    smuggled = {"stage": deals.stage("approach").pk, "version": deal.version, "status": "lost"}
    client.post(path, smuggled, headers=card)

    assert dragged.status_code in {409, 422}
    assert dragged.json()["said"]
    assert Deal.objects.get(pk=deal.pk).status == "open"
    assert not Outcome.objects.exists()


@pytest.fixture
def in_italian(tmp_path, settings):
    """Every label of a state in another language, from a catalogue of its own."""
    labels = {str(label) for kind in SPOKEN for label in kind.labels}
    catalogue = Catalog(locale="it")
    for label in labels:
        catalogue.add(label, f"{label} in italiano")
    folder = tmp_path / "it" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("it"):
        yield


def test_no_rule_is_tied_to_a_label_that_can_be_renamed_or_translated(
    rep, manager, client, now, in_italian
):
    """Every stage and reason renamed, every label Italian: closings, the sweep and reports do as before."""
    assert DealStatus.LOST.label == "Lost in italiano"
    for reason in LossReason.objects.all():
        setup.edit_reason(reason, by=manager, name=f"Motivo {reason.pk}")
    for stage in Stage.objects.all():
        setup.edit_stage(stage, by=manager, name=f"Passo {stage.pk}")
    rep.language = "it"
    rep.save()
    lost, won, dead = a_deal(rep), a_deal(rep), followups.dead_deal(owner=rep)
    pipeline.mark_at_risk([dead.pk], closes_on={dead.pk: now.date()})

    WAYS["form"].lose(lost, "price-or-value", client=client)
    client.post(reverse("deals:win", args=[won.pk]), {"version": won.version})
    letting_go.sweep(now=now)

    kinds = {one.deal_id: (one.kind, one.reason and one.reason.slug) for one in standing()}
    assert kinds == {
        lost.pk: ("lost", "price-or-value"),
        won.pk: ("won", None),
        dead.pk: ("lost", "no-answer"),
    }
    assert Deal.objects.get(pk=won.pk).stage.phase == "order"
    report = losses_by_reason(make.filters("2026-04-01", "2026-04-30"), rep)
    assert {row.by["reason"] for row in report.by("reason") if row.figures["losses"].n} == {
        "price-or-value",
        "no-answer",
    }


def standing():
    return Outcome.objects.standing().select_related("reason")


def test_what_one_screen_shows_is_not_written_to_what_all_share(rep, colleague, client):
    """Two people, two deals, one lost: the other's screens are to the byte as they were."""
    mine, theirs = a_deal(rep), a_deal(colleague)
    screens = ["/", "/deals/", f"/deals/{theirs.pk}/", f"/deals/{theirs.pk}/lose/"]

    def seen() -> list[str]:
        client.force_login(colleague)
        return [without_token(client.get(path).content.decode()) for path in screens]

    before = seen()
    closing.lose(mine, reason=deals.reason(), by=rep)

    assert seen() == before


def without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


@pytest.mark.practice("F5")
def test_reopening_neither_wipes_the_reason_nor_keeps_a_stale_one(rep):
    lost = a_deal(rep)
    closing.lose(lost, reason=deals.reason("timing"), by=rep)
    again = reopening.second_chance(lost, by=rep)
    closing.win(again, by=rep)

    report = losses_by_reason(make.filters("2026-04-01", "2026-04-30"), rep)
    rate = win_rate(make.filters("2026-04-01", "2026-04-30"), rep).figures["win_rate"]

    lost.refresh_from_db()
    again.refresh_from_db()
    assert (report.figures["losses"].n, rate.numerator, rate.denominator) == (1, 1, 2)
    assert (lost.status, lost.outcome.reason.slug) == ("lost", "timing")
    assert (again.status, again.outcome.reason) == ("won", None)


def test_an_undone_loss_is_kept_and_the_deal_shows_what_it_is_now(rep, now):
    deal = a_deal(rep)
    closing.lose(deal, reason=deals.reason("timing"), by=rep)
    reopening.undo_close(deal, by=rep, now=now)
    closing.win(deal, by=rep)

    deal.refresh_from_db()
    kept = [(one.kind, one.undone_at) for one in Outcome.objects.filter(deal=deal).order_by("pk")]
    assert (deal.status, deal.outcome.kind) == ("won", "won")
    assert kept == [("lost", now), ("won", None)]


def test_the_outcome_is_stored_once(rep, now):
    deal = a_deal(rep)
    closing.lose(deal, reason=deals.reason(), by=rep)

    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(deal=deal, kind="won", at=now, owner=rep, currency="EUR")


@pytest.mark.parametrize("name", WAYS)
def test_an_empty_reason_list_does_not_block_closing(name, rep, admin, client):
    for reason in LossReason.objects.choosable():
        setup.retire_reason(reason, by=admin)
    deal = a_deal(rep)

    status = WAYS[name].lose(deal, "not-stated", client=client)

    report = losses_by_reason(make.filters("2026-04-01", "2026-04-30"), rep)
    counted = {row.by["reason"]: row.figures["losses"].n for row in report.by("reason")}
    assert status == WAYS[name].done
    assert Outcome.objects.get(deal=deal).reason.slug == "not-stated"
    assert {slug: count for slug, count in counted.items() if count} == {"not-stated": 1}


def test_the_probability_is_not_the_state(rep, admin):
    deal = a_deal(rep)
    closing.lose(deal, reason=deals.reason(), by=rep)
    facts = dict.fromkeys(("need", "authority", "budget", "timing", "fit"), "yes")

    pipeline.edit(deal, by=rep, title="New", amount="9.99", source="Fair", **facts)
    pipeline.edit(deal, by=rep, expected_close_on=dt.date(2026, 12, 1), currency="USD")
    setup.edit_stage(deal.stage, by=admin, probability=100)

    deal.refresh_from_db()
    assert (deal.status, deal.outcome.kind) == ("lost", "lost")


def test_the_stage_at_loss_is_not_overwritten(rep, admin):
    deal = a_deal(rep, stage=deals.stage("negotiation"))
    closing.lose(deal, reason=deals.reason(), by=rep)

    with pytest.raises(ActionRefused):
        pipeline.move(deal, to=deals.stage("conclusion"), by=rep)
    setup.edit_stage(deals.stage("suspect"), by=admin, position=99)

    assert Outcome.objects.get(deal=deal).stage.phase == "negotiation"
    assert Deal.objects.get(pk=deal.pk).stage.phase == "negotiation"


@pytest.mark.parametrize("door", ["page", "API"])
def test_a_permission_is_not_checked_in_the_browser_only(door, rep, colleague, client):
    """A colleague with whom the deal is shared sees it, and may not undo what the owner closed."""
    deal = a_deal(rep)
    deal.collaborators.add(colleague)
    closing.lose(deal, reason=deals.reason(), by=rep)
    deal.refresh_from_db()
    client.force_login(colleague)

    answer = (
        client.post(reverse("deals:undo-close", args=[deal.pk]))
        if door == "page"
        else program(colleague).post(
            f"/deals/{deal.pk}/undo-close/", {}, if_match=f'"{deal.version}"'
        )
    )

    assert answer.status_code == 403
    assert Deal.objects.get(pk=deal.pk).status == "lost"


def test_a_hand_over_does_not_change_a_closed_deal(rep, colleague, manager):
    deal = a_deal(rep)
    followups.touch(deal)
    closing.lose(deal, reason=deals.reason(), by=rep)
    before = snapshots.snapshot()

    with pytest.raises(ActionRefused, match="keeps its owner"):
        pipeline.edit(deal, by=manager, owner=colleague)

    assert snapshots.snapshot() == before


@pytest.mark.practice("E3")
def test_a_person_who_leaves_keeps_what_they_closed_in_the_figures(rep, colleague, admin):
    """Their closed deals get somebody who can be asked; who owned them at closing stays with the outcome."""
    open_deal, lost = a_deal(rep), a_deal(rep)
    closing.lose(lost, reason=deals.reason(), by=rep)
    before = Outcome.objects.filter(deal=lost).values().get()

    teams.leave(rep, heirs=[colleague], by=admin)

    owners = set(Deal.objects.filter(pk__in=[open_deal.pk, lost.pk]).values_list("owner", "status"))
    assert owners == {(colleague.pk, "open"), (colleague.pk, "lost")}
    assert Outcome.objects.filter(deal=lost).values().get() == before
    assert before["owner_id"] == rep.pk


def test_handing_over_in_bulk_passes_closed_deals_over(rep, colleague, manager, client):
    """The second way to transfer all deals of a rep: the closed one is told of, and keeps its owner."""
    open_deal, lost = a_deal(rep), a_deal(rep)
    closing.lose(lost, reason=deals.reason(), by=rep)
    client.force_login(manager)

    said = {"deal": [open_deal.pk, lost.pk], "what": "owner", "owner": colleague.pk}
    client.post(reverse("deals:bulk"), said | {"next": "/deals/"}, follow=True)

    owners = dict(Deal.objects.values_list("pk", "owner"))
    assert owners[lost.pk] == rep.pk
    assert owners[open_deal.pk] == colleague.pk


def test_deals_closed_by_a_rule_do_not_vanish_from_the_figures(rep, now):
    dead = followups.dead_deal(owner=rep)
    pipeline.mark_at_risk([dead.pk], closes_on={dead.pk: now.date()})
    letting_go.sweep(now=now)

    report = losses_by_reason(make.filters("2026-04-01", "2026-04-30"), rep)

    counted = {row.by["reason"]: row.figures["losses"].n for row in report.by("reason")}
    assert {slug: count for slug, count in counted.items() if count} == {"no-answer": 1}
    assert Outcome.objects.get(deal=dead).automatic


def test_nothing_fails_silently(rep, client):
    """What is refused says so on the page that the person sees next."""
    deal = a_deal(rep)
    seen_version = deal.version
    pipeline.edit(deal, by=rep, title="Changed meanwhile")
    client.force_login(rep)
    stage = deals.stage("negotiation")

    moved = client.post(
        reverse("deals:move", args=[deal.pk]),
        {"stage": stage.pk, "version": seen_version},
        follow=True,
    )
    lost = client.post(
        reverse("deals:lose", args=[deal.pk]), {"reason": "timing", "version": seen_version}
    )

    assert (Deal.objects.get(pk=deal.pk).stage.phase, lost.status_code) == ("suspect", 409)
    assert "Somebody changed this in the meantime" in moved.content.decode()
    assert "Somebody changed this in the meantime" in lost.content.decode()


def test_losing_destroys_nothing(rep, manager, now):
    deal = a_deal(rep)
    followups.touch(deal)
    followups.plan(deal)
    followups.stop_rule(deal=deal)
    before = keys()

    closing.lose(deal, reason=deals.reason(), by=rep)

    after = keys()
    assert [name for name in before if before[name] - after[name]] == []


def keys() -> dict[str, set[int]]:
    return {
        model.__name__: set(model._default_manager.values_list("pk", flat=True))
        for model in snapshots.models()
    }
