"""The app with a beat five times a second, for tests that cannot wait."""

from crm.celery import app

app.conf.beat_schedule = {"send due mail": {"task": "shared.send_mail", "schedule": 0.2}}
