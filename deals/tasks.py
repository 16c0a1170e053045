"""Background work of deals: what is done to many of them at once."""

from celery import shared_task
from django.utils import timezone

from crm.shared import leases
from deals.actions import bulk, pace
from deals.filters import deals_of

SLICE_SECONDS = 200.0  # well below the time limit of a task


@shared_task(name="deals.run_bulk")
def run_bulk(*, job_id: int) -> None:
    """Run or resume one job; quietly nothing when somebody else holds it."""
    bulk.run(job_id, selection=deals_of, seconds=SLICE_SECONDS)


@shared_task(name="deals.resume_bulk")
def resume_bulk() -> None:
    """Go and look: each job that nobody works on becomes a task of its own."""
    for job_id in leases.waiting(bulk.live(), timezone.now()):
        run_bulk.delay(job_id=job_id)


@shared_task(name="deals.learn_pace")
def learn_pace() -> None:
    """Learn again from won deals when a deal counts as stuck."""
    pace.learn_stuck_days()
