"""Rebound: the project. Loads the Celery app, so that tasks find it."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
