"""The sample company as a Django app: it only brings a command."""

from django.apps import AppConfig


class SampleConfig(AppConfig):
    name = "crm.sample"
    label = "sample"
