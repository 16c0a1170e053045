"""Pages of reviews without sign-in."""

from django.urls import path

from reviews import public_views

app_name = "reviews_public"
urlpatterns = [path("<str:token>/", public_views.feedback, name="feedback")]
