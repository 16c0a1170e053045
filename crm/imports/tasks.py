"""Background work of imports: take up what waits, and what a dead worker left."""

from celery import shared_task
from django.utils import timezone

from crm.imports import running
from crm.shared import leases

SLICE_SECONDS = 200.0  # well below the time limit of a task


@shared_task(name="imports.run_import")
def run_import(*, import_id: int) -> None:
    """Run, take back or resume one import; quietly nothing when somebody else holds it."""
    running.run(import_id, seconds=SLICE_SECONDS)


@shared_task(name="imports.resume_stalled")
def resume_stalled() -> None:
    """Go and look: each import that nobody works on becomes a task of its own."""
    for import_id in leases.waiting(running.live(), timezone.now()):
        run_import.delay(import_id=import_id)
