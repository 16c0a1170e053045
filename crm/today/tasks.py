"""Background work of the day: the morning mails."""

from celery import shared_task
from django.utils import timezone

from crm.today import digest


@shared_task(name="today.send_digests")
def send_digests() -> None:
    """Queue the morning mail of everybody whose morning it is."""
    digest.send_due(timezone.now())
