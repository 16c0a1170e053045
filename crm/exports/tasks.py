"""Background work of exports: write what waits, throw away what is old."""

from celery import shared_task
from django.utils import timezone

from crm.exports import running
from crm.shared import leases

MOST_SECONDS = 240.0  # below the time limit of a task


@shared_task(name="exports.write")
def write(*, export_id: int) -> None:
    """Write one export; quietly nothing when somebody else holds it."""
    running.run(export_id, seconds=MOST_SECONDS)


@shared_task(name="exports.write_waiting")
def write_waiting() -> None:
    """Go and look: each export that nobody works on becomes a task of its own."""
    for export_id in leases.waiting(running.live(), timezone.now()):
        write.delay(export_id=export_id)


@shared_task(name="exports.forget_old")
def forget_old() -> None:
    """Files live for a week."""
    running.forget_old(timezone.now())
