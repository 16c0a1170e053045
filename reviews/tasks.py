"""Background work of reviews: ask the buyers whose time has come."""

from celery import shared_task
from django.utils import timezone

from reviews.actions import inviting


@shared_task(name="reviews.send_invitations")
def send_invitations() -> None:
    """Queue invitations and reminders that are due, batch by batch, and end what has run out."""
    now = timezone.now()
    inviting.settle(now=now)
    while inviting.invite_due(now=now) == inviting.BATCH:
        pass
    while inviting.remind_due(now=now) == inviting.BATCH:
        pass
