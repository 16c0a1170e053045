"""Pages of reviews_public."""

from django.urls import URLPattern

app_name = "reviews_public"
urlpatterns: list[URLPattern] = []
