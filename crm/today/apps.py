"""A person's day as a Django app."""

from django.apps import AppConfig


class TodayConfig(AppConfig):
    name = "crm.today"
    label = "today"
