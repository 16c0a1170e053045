"""Whether the house stands: for load balancers, supervisors and whoever watches over the mail."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm.shared.models import OutgoingMail

BROKER_SECONDS = 1


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served, so without the broker too: what it would announce is swept up later.

    `oldest_due_mail_seconds` is how long the oldest mail that is due has waited; above some minutes no
    worker is at work.
    """
    if not database_answers():
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    broker = broker_state()
    return JsonResponse(
        {
            "status": "degraded" if broker == "down" else "ok",
            "database": "ok",
            "broker": broker,
            "oldest_due_mail_seconds": oldest_due_mail_seconds(),
        }
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def broker_state() -> str:
    """ "ok", "down", or "none" where due work is done without one."""
    if not settings.REDIS_URL:
        return "none"
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_SECONDS,
        socket_connect_timeout=BROKER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except RedisError:
        return "down"
    finally:
        client.close()
    return "ok"


def oldest_due_mail_seconds() -> int:
    now = timezone.now()
    due_at = OutgoingMail.objects.live().filter(due_at__lte=now).aggregate(oldest=Min("due_at"))
    return int((now - due_at["oldest"]).total_seconds()) if due_at["oldest"] else 0
