"""A closing is corrected on the record: by whom, what may change, and what stays."""

import datetime as dt

import pytest
import time_machine

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from deals import policies
from deals.actions import closing, correcting, pipeline, reopening
from deals.models import Deal
from deals.states import Competition
from tests.conftest import MONDAY
from tests.factories import deals as make

YESTERDAY = MONDAY - dt.timedelta(days=1)


def lost(rep, **rest):
    deal = make.deal(owner=rep)
    return closing.lose(deal, reason=make.reason("timing"), by=rep, **rest)


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


@pytest.mark.practice("A4")
def test_a_correction_is_kept_with_what_was_said_before(rep):
    outcome = lost(rep, note="Old", other_reasons=[make.reason("budget-gone")])
    rival = make.competitor("Frostwatch")

    correcting.edit_outcome(
        outcome,
        by=rep,
        at=YESTERDAY,
        reason=make.reason("lost-to-a-competitor"),
        other_reasons=[make.reason("no-decision"), make.reason("budget-gone")],
        competitor=rival,
        note=" New ",
        reflection={"value": "yes"},
    )

    record = EventRecord.objects.get(name="deal.closing_edited")
    assert record.actor == rep
    assert record.data["changes"] == {
        "at": [MONDAY.isoformat(), YESTERDAY.isoformat()],
        "reason": ["Timing", "Lost to a competitor"],
        "other_reasons": ["Budget gone", "No decision, Budget gone"],
        "competitor": ["unknown", "Frostwatch"],
        "note": ["Old", "New"],
        "reflection": ["", "value: yes"],
    }
    deal = Deal.objects.get(pk=outcome.deal_id)
    assert (deal.closed_at, deal.outcome.competition) == (YESTERDAY, Competition.NAMED)
    assert deal.version == outcome.deal.version + 1


def test_what_changes_nothing_leaves_no_trace(rep):
    outcome = lost(rep)

    correcting.edit_outcome(outcome, by=rep, note="", reason=outcome.reason)

    assert not EventRecord.objects.filter(name="deal.closing_edited").exists()


def test_a_win_and_a_let_go_have_their_own_fields(rep):
    won = closing.win(make.deal(owner=rep), by=rep)
    let_go = closing.disqualify(make.deal(owner=rep), by=rep, disqualified_as="duplicate")

    won = correcting.edit_outcome(won, by=rep, won_because=["fit"], no_competitor=True)
    let_go = correcting.edit_outcome(let_go, by=rep, disqualified_as="unqualified")

    assert (won.won_because, won.competition) == (["fit"], Competition.NONE)
    assert let_go.disqualified_as == "unqualified"
    for outcome, wrong in ((won, {"won_because": ["x"]}), (let_go, {"disqualified_as": "x"})):
        with pytest.raises(ActionRefused):
            correcting.edit_outcome(outcome, by=rep, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 5},
        {"won_because": ["fit"]},
        {"at": MONDAY + dt.timedelta(hours=1)},
        {"reflection": {"luck": "yes"}},
    ],
)
def test_what_a_loss_cannot_say_is_refused(rep, wrong):
    outcome = lost(rep)

    with pytest.raises(ActionRefused):
        correcting.edit_outcome(outcome, by=rep, **wrong)


def test_nobody_else_and_somebody_at_once_is_refused_everywhere(rep):
    rival, both = make.competitor(), {}
    both = {"competitor": rival, "no_competitor": True}

    with pytest.raises(ActionRefused):
        correcting.edit_outcome(lost(rep), by=rep, **both)
    with pytest.raises(ActionRefused):
        lost(rep, **both)
    with pytest.raises(ActionRefused):
        closing.win(make.deal(owner=rep), by=rep, **both)


def test_an_undone_closing_or_an_older_version_is_refused(rep):
    outcome = lost(rep)
    with pytest.raises(StaleVersion):
        correcting.edit_outcome(outcome, by=rep, version=outcome.deal.version - 1, note="x")
    reopening.undo_close(outcome.deal, by=rep, now=MONDAY)

    with pytest.raises(ActionRefused):
        correcting.edit_outcome(outcome, by=rep, note="x")


def test_who_closed_it_corrects_it_for_a_day_and_a_manager_later(rep, manager, viewer):
    deal = lost(rep).deal
    later = MONDAY + dt.timedelta(hours=24)

    assert policies.may_edit_outcome(rep, deal, now=MONDAY)
    assert not policies.may_edit_outcome(rep, deal, now=later)
    assert policies.may_edit_outcome(manager, deal, now=later)
    assert not policies.may_edit_outcome(viewer, deal, now=MONDAY)
    assert not policies.may_edit_outcome(rep, make.deal(owner=rep), now=MONDAY)


# ---- the page ----------------------------------------------------------------------------------------


def test_the_page_shows_a_loss_as_it_is_and_saves_what_changed(page, rep):
    others = [make.reason("no-decision"), make.reason("budget-gone")]
    outcome = lost(rep, other_reasons=others, no_competitor=True, reflection={"value": "no"})
    path = f"/deals/{outcome.deal_id}/outcome/"

    form = page.get(path).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "closed_on"}
    answer = page.post(path, sent | {"closed_on": "2026-04-19", "buyer_words": "Not now."})

    assert sent["other_reasons"] == ["no-decision", "budget-gone"]
    assert sent["competitor"] == "none"
    assert answer.status_code == 302
    changes = EventRecord.objects.get(name="deal.closing_edited").data["changes"]
    assert set(changes) == {"at", "buyer_words"}
    timeline = page.get(f"/deals/{outcome.deal_id}/").content.decode()
    assert "Closing corrected" in timeline


def test_the_day_of_closing_keeps_its_time_and_today_means_now(page, rep):
    outcome = lost(rep, at=YESTERDAY)
    path = f"/deals/{outcome.deal_id}/outcome/"
    said = {"reason": "timing", "closed_on": "2026-04-19"}

    page.post(path, said | {"note": "x"})
    assert Deal.objects.get(pk=outcome.deal_id).closed_at == YESTERDAY
    page.post(path, said | {"closed_on": "2026-04-20"})
    assert Deal.objects.get(pk=outcome.deal_id).closed_at == MONDAY


def test_wins_and_let_go_deals_have_a_page_too(page, rep):
    retired = make.competitor("Gone")
    won = closing.win(make.deal(owner=rep), by=rep, competitor=retired, won_because=["fit"])
    retired.archived_at = MONDAY
    retired.save()
    let_go = closing.disqualify(make.deal(owner=rep), by=rep, disqualified_as="duplicate")

    form = page.get(f"/deals/{won.deal_id}/outcome/").context["form"]
    assert form["competitor"].value() == str(retired.pk)
    said = {"closed_on": "2026-04-20", "won_because": ["price"], "competitor": retired.pk}
    assert page.post(f"/deals/{won.deal_id}/outcome/", said).status_code == 302
    assert page.get(f"/deals/{let_go.deal_id}/outcome/").status_code == 200
    said = {"closed_on": "2026-04-20", "disqualified_as": "cannot_serve"}
    assert page.post(f"/deals/{let_go.deal_id}/outcome/", said).status_code == 302


def test_what_the_page_cannot_save_is_said(page, rep, colleague):
    outcome = lost(rep)
    path = f"/deals/{outcome.deal_id}/outcome/"
    said = {"reason": "timing", "closed_on": "2026-04-20"}

    late = page.post(path, said | {"closed_on": "2027-01-01"})
    version = Deal.objects.get(pk=outcome.deal_id).version
    pipeline.edit(outcome.deal, by=colleague, amount=7)
    stale = page.post(path, said | {"version": version, "note": "x"})

    assert (late.status_code, stale.status_code) == (422, 409)
    assert page.get(f"/deals/{make.deal(owner=rep).pk}/outcome/").status_code == 404
    with time_machine.travel(MONDAY + dt.timedelta(days=2)):
        page.force_login(rep)
        assert page.get(path).status_code == 403
