"""Pages of today."""

from django.urls import URLPattern

app_name = "today"
urlpatterns: list[URLPattern] = []
