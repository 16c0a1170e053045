"""The same for many deals: at once, as a job that resumes, what is refused and why, and one undo for all of it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared import leases
from deals import tasks
from deals.actions import bulk, closing
from deals.filters import deals_of
from deals.models import BulkJob, BulkRow, Deal, Outcome
from deals.states import BulkVerb, DealStatus, JobState, Phase
from followups.models import FollowUp
from followups.states import FollowUpState
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

BULK = "/deals/bulk/"
LOST = {"reason": "timing", "note": ""}


def start(by, what, *, query="status=open", **fields) -> BulkJob:
    return bulk.start(by=by, what=what, selection=deals_of, query=query, **fields)


def counts(job) -> tuple[str, int, int, int]:
    job.refresh_from_db()
    return job.state, job.total, job.done, job.refused


def whys(job) -> dict[str, str]:
    return {row.deal.title: row.why for row in job.rows.exclude(why="").select_related("deal")}


# ---- what is done ----------------------------------------------------------------------------------


def test_all_of_a_filter_are_lost_with_one_reason(rep, outsider):
    for title in "ABC":
        make.deal(owner=rep, title=title)
    make.deal(owner=outsider, title="Elsewhere")

    job = start(rep, BulkVerb.LOSE, values=LOST)

    assert counts(job) == (JobState.DONE, 3, 3, 0)
    assert {deal.title for deal in Deal.objects.lost()} == {"A", "B", "C"}
    assert {one.reason.slug for one in Outcome.objects.all()} == {"timing"}


@pytest.mark.parametrize(
    ("what", "field"),
    [(BulkVerb.OWNER, "owner"), (BulkVerb.STAGE, "stage"), (BulkVerb.PRODUCT, "product")],
)
def test_owner_stage_and_product_are_changed(manager, rep, colleague, what, field):
    new = {"owner": colleague, "stage": make.stage(Phase.APPROACH), "product": make.product()}
    for _each in range(2):
        make.deal(owner=rep)

    job = start(manager, what, values={field: new[field].pk})

    assert counts(job) == (JobState.DONE, 2, 2, 0)
    assert {getattr(deal, field) for deal in Deal.objects.all()} == {new[field]}


def test_a_product_can_be_taken_away(rep):
    make.deal(owner=rep, product=make.product())

    start(rep, BulkVerb.PRODUCT, values={"product": None})

    assert Deal.objects.get().product is None


def test_what_is_not_a_fit_is_neither_won_nor_lost(rep):
    make.deal(owner=rep)

    job = start(rep, BulkVerb.DISQUALIFY, values={"disqualified_as": "duplicate"})

    assert counts(job)[2] == 1
    assert Deal.objects.get().status == DealStatus.DISQUALIFIED


def test_what_is_refused_is_listed_with_the_reason_and_stops_no_other(rep):
    make.deal(owner=rep, title="Open")
    closing.win(make.deal(owner=rep, title="Won"), by=rep)

    job = start(rep, BulkVerb.LOSE, query="status=", values=LOST)

    assert counts(job) == (JobState.DONE, 2, 1, 1)
    assert whys(job) == {"Won": "This deal is won already."}


def test_what_only_the_action_can_refuse_is_refused_one_by_one(rep):
    for title in "AB":
        make.deal(owner=rep, title=title)

    job = start(rep, BulkVerb.LOSE, values={"reason": "other", "note": ""})

    assert counts(job) == (JobState.DONE, 2, 0, 2)
    assert set(whys(job)) == {"A", "B"}
    assert "asks for a note" in whys(job)["A"]


def test_filters_that_make_no_sense_any_more_stop_the_job(rep):
    make.deal(owner=rep)
    job = make.bulk_job(by=rep, query="colour=red", state=JobState.QUEUED)
    BulkJob.objects.update(lease_until=job.created_at - dt.timedelta(days=9), up_to=9)

    tasks.run_bulk(job_id=job.pk)

    assert counts(job)[0] == JobState.FAILED
    assert job.why_failed


# ---- as a job --------------------------------------------------------------------------------------


def test_above_two_hundred_a_worker_does_it(rep, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    for _each in range(3):
        make.deal(owner=rep)

    job = start(rep, BulkVerb.LOSE, values=LOST)
    waiting = counts(job), Deal.objects.open().count()
    tasks.run_bulk(job_id=job.pk)

    assert waiting == ((JobState.QUEUED, 3, 0, 0), 3)
    assert counts(job) == (JobState.DONE, 3, 3, 0)


def test_a_job_that_was_killed_goes_on_where_it_stopped_and_does_nothing_twice(
    rep, monkeypatch, now
):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BATCH", 2)
    for _each in range(5):
        make.deal(owner=rep)
    job = start(rep, BulkVerb.LOSE, values=LOST)
    BulkJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    job = BulkJob.objects.get(pk=job.pk)
    bulk.run_batch(job, deals_of(job))  # and then the worker is gone
    BulkJob.objects.update(lease_until=now - dt.timedelta(seconds=1))

    assert leases.waiting(bulk.live(), now) == [job.pk]
    tasks.run_bulk(job_id=job.pk)

    assert counts(job) == (JobState.DONE, 5, 5, 0)
    assert (Outcome.objects.count(), BulkRow.objects.count()) == (5, 5)


def test_a_job_is_put_down_in_time_and_taken_up_again(rep, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 1)
    for _each in range(2):
        make.deal(owner=rep)
    job = start(rep, BulkVerb.LOSE, values=LOST)

    bulk.run(job.pk, selection=deals_of, seconds=-1)
    after_one = counts(job)
    tasks.run_bulk(job_id=job.pk)

    assert (after_one[0], after_one[2]) == (JobState.QUEUED, 1)
    assert counts(job) == (JobState.DONE, 2, 2, 0)


def test_a_job_that_another_worker_took_over_writes_nothing(rep):
    make.deal(owner=rep)
    job = make.bulk_job(
        by=rep, query="status=open", values=LOST, state=JobState.RUNNING, up_to=10**9
    )

    with pytest.raises(leases.Taken):
        bulk.run_batch(
            BulkJob(
                pk=job.pk + 1, by=rep, what=job.what, query=job.query, values=LOST, up_to=10**9
            ),
            Deal.objects.all(),
        )

    assert Deal.objects.open().count() == 1


def test_a_job_held_by_a_worker_is_left_alone(rep, now):
    job = make.bulk_job(by=rep, state=JobState.RUNNING)
    BulkJob.objects.update(lease_until=now + dt.timedelta(days=9))

    tasks.run_bulk(job_id=job.pk)
    tasks.resume_bulk()

    assert counts(job)[0] == JobState.RUNNING


# ---- the way back ----------------------------------------------------------------------------------


@pytest.mark.practice("A1")
def test_three_hundred_lost_at_once_are_taken_back_at_once(rep):
    for title in "ABC":
        make.deal(owner=rep, title=title)
    lost = start(rep, BulkVerb.LOSE, values=LOST)

    undone = start(rep, BulkVerb.UNDO, query="", undoes=lost)

    assert counts(undone) == (JobState.DONE, 3, 3, 0)
    assert Deal.objects.open().count() == 3
    assert not FollowUp.objects.filter(outcome__isnull=False, state=FollowUpState.DUE).exists()


def test_what_may_not_be_undone_is_listed(rep, colleague, manager):
    make.deal(owner=rep, title="Old")
    lost = start(manager, BulkVerb.LOSE, values=LOST)
    day = dt.timedelta(hours=25)
    Outcome.objects.update(created_at=Outcome.objects.get().created_at - day)

    undone = start(manager, BulkVerb.UNDO, query="", undoes=lost)

    assert counts(undone) == (JobState.DONE, 1, 0, 1)
    assert "time to undo is over" in whys(undone)["Old"]


def test_only_who_closed_it_or_a_manager_undoes_each(rep, manager):
    make.deal(owner=rep, title="By the manager")
    lost = start(manager, BulkVerb.LOSE, values=LOST)

    undone = start(rep, BulkVerb.UNDO, query="", undoes=lost)

    assert whys(undone) == {"By the manager": "Who closed it, or a manager, may undo this."}


# ---- queries ---------------------------------------------------------------------------------------


def statements(call) -> int:
    """How many, without the marks within a transaction."""
    with CaptureQueriesContext(connection) as seen:
        call()
    return sum("SAVEPOINT" not in one["sql"] for one in seen)


def test_losing_and_undoing_take_a_fixed_number_of_statements(rep):
    taken = []
    for many in (2, 30):
        deals = [make.deal(owner=rep, contact=make.contact(owner=rep)) for _each in range(many)]
        query = "id__in=" + ",".join(str(deal.pk) for deal in deals)
        job = BulkJob(by=rep, what=BulkVerb.LOSE, values=LOST, query=query, up_to=10**9)
        job.claim_token = "6f0f5a3e-0000-4000-8000-000000000000"
        job.save()
        back = BulkJob(by=rep, what=BulkVerb.UNDO, undoes=job, up_to=10**9)
        back.claim_token = job.claim_token
        back.save()
        taken.append(
            (
                statements(lambda job=job: bulk.run_batch(job, deals_of(job))),
                statements(lambda back=back: bulk.run_batch(back, deals_of(back))),
            )
        )

    assert taken[0] == taken[1]
    assert taken[0][0] <= 40
    assert taken[0][1] <= 40


# ---- the door --------------------------------------------------------------------------------------


def test_the_dialog_says_how_many_and_asks_for_what_the_verb_needs(client, rep):
    for _each in range(3):
        make.deal(owner=rep)
    client.force_login(rep)

    fields = {
        what: set(
            client.get(BULK, {"what": what, "all": "all", "of": "status=open"})
            .context["form"]
            .fields
        )
        - {"next"}
        for what in ("lose", "disqualify", "owner", "stage", "product")
    }

    assert fields == {
        "lose": {"reason", "note"},
        "disqualify": {"disqualified_as", "note"},
        "owner": {"owner"},
        "stage": {"stage"},
        "product": {"product"},
    }
    assert client.get(BULK, {"all": "all", "of": "status=open"}).context["chosen"].count == 3


def test_a_loss_of_many_can_be_undone_from_the_toast(client, rep):
    for _each in range(2):
        make.deal(owner=rep)
    client.force_login(rep)

    answer = client.post(
        BULK,
        {"all": "all", "of": "status=open", "what": "lose", "reason": "timing", "next": "/deals/"},
        follow=True,
    )
    job = BulkJob.objects.get()
    undone = client.post(f"{BULK}{job.pk}/undo/", {"next": "/deals/"})
    again = client.post(f"{BULK}{job.pk}/undo/")

    assert "2 deals: Lost." in answer.content.decode()
    assert f"{BULK}{job.pk}/undo/" in answer.content.decode()
    assert (undone.url, Deal.objects.open().count()) == ("/deals/", 2)
    assert again.url == f"{BULK}{job.pk}/"


def test_what_was_refused_is_shown_on_the_page_of_the_job(client, rep):
    make.deal(owner=rep)
    closing.win(make.deal(owner=rep, title="Won one"), by=rep)
    client.force_login(rep)

    answer = client.post(
        BULK, {"all": "all", "of": "status=", "what": "lose", "reason": "timing"}, follow=True
    )

    page = answer.content.decode()
    assert answer.templates[0].name == "deals/bulk_job.html"
    assert "Won one" in page
    assert "This deal is won already." in page
    assert answer.context["may_undo"]


@pytest.mark.parametrize(
    "asked", [{"what": "dance"}, {"all": "all", "of": "colour=red"}, {"what": "undo"}]
)
def test_what_makes_no_sense_is_not_found(client, rep, asked):
    client.force_login(rep)

    assert client.get(BULK, asked).status_code == 404


def test_a_job_of_something_else_than_closings_is_not_undone(client, rep):
    job = make.bulk_job(by=rep, what=BulkVerb.OWNER)
    client.force_login(rep)

    assert client.post(f"{BULK}{job.pk}/undo/").status_code == 403
