"""What workers do for the ground floor. Each looks for itself what is to be done; running twice does no harm."""

import time

from celery import shared_task
from django.utils import timezone

from crm.shared import answers, delivery
from crm.shared.after_commit import poke
from crm.shared.states import MailState

TAKING_UP_SECONDS = 15.0


@shared_task(name="shared.deliver")
def deliver() -> None:
    """Give what has happened its place in the feed."""
    stop_at = time.monotonic() + TAKING_UP_SECONDS
    while delivery.take_up() and time.monotonic() < stop_at:
        pass


@shared_task(name="shared.send_mail")
def send_mail() -> None:
    """Send what is due. A pass is short, so that other work has its turn: what is left follows in the next."""
    settled = delivery.send_due()
    if settled[MailState.SENT] and delivery.longest_wait():
        poke("shared.send_mail")


@shared_task(name="shared.forget_old_answers")
def forget_old_answers() -> None:
    """Idempotency keys are kept for a day."""
    answers.forget_old(now=timezone.now())
