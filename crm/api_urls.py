"""The API of all apps."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
