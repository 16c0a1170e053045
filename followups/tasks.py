"""Background work of follow-ups: the sweep over stop rules."""

from celery import shared_task
from django.utils import timezone

from followups.actions import letting_go


@shared_task(name="followups.sweep_stop_rules")
def sweep_stop_rules() -> None:
    """Mark dead leads, warn their owners, and close those whose grace is over (B6)."""
    letting_go.sweep(timezone.now())
