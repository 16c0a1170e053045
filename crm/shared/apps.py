"""The ground floor as a Django app."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "crm.shared"
    label = "shared"
