"""Health pages: public, plain, and true about what is missing."""

import datetime as dt

import pytest
from django.db import OperationalError, connection

from crm.shared.models import OutgoingMail
from crm.shared.states import Audience
from crm.shared.supervision import free_port

pytestmark = pytest.mark.django_db


def mail(*, key, due_at):
    return OutgoingMail.objects.create(
        key=key,
        message_id=f"<{key}@example.com>",
        audience=Audience.REP,
        to_address="rep@example.com",
        normal_address="rep@example.com",
        due_at=due_at,
    )


def test_a_process_that_answers_is_healthy(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readiness_tells_the_age_of_the_oldest_due_mail(client, settings, now):
    settings.REDIS_URL = ""
    mail(key="due", due_at=now - dt.timedelta(minutes=3))
    mail(key="later", due_at=now + dt.timedelta(minutes=3))

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "database": "ok", "broker": "none", "oldest_due_mail_seconds": 180},
    )


def test_a_broker_that_answers_is_ok(client, settings, broker):
    settings.REDIS_URL = broker.url

    assert client.get("/readyz").json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "oldest_due_mail_seconds": 0,
    }


def test_pages_are_served_without_the_broker(client, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_nothing_is_ready_without_the_database(client):
    def gone(*_):
        raise OperationalError("the server has gone away")

    with connection.execute_wrapper(gone):
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"status": "down", "database": "down"})
