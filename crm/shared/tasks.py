"""What workers do for the ground floor. Each looks for itself what is to be done; running twice does no harm."""

import time

from celery import shared_task
from django.utils import timezone

from crm.shared import answers, claims, delivery, lanes, transports
from crm.shared.after_commit import poke
from crm.shared.delivery import Ended

TAKING_UP_SECONDS = 15.0


@shared_task(name="shared.deliver")
def deliver() -> None:
    """Give what has happened its place in the feed."""
    stop_at = time.monotonic() + TAKING_UP_SECONDS
    while delivery.take_up() and time.monotonic() < stop_at:
        pass


@shared_task(name="shared.send_mail")
def send_mail() -> None:
    """One pass over the mail, if there is a lane for it; what it leaves behind follows in the next."""
    lane = lanes.enter()
    if lane is None:
        return
    with transports.opened_lazily() as transport:
        ended = delivery.Pass(claims.clock(), transport).run()
    lanes.leave(lane, ended)
    if ended is Ended.OUT_OF_TIME:
        poke("shared.send_mail")


@shared_task(name="shared.forget_old_answers")
def forget_old_answers() -> None:
    """Idempotency keys are kept for a day."""
    answers.forget_old(now=timezone.now())
