"""Pages of shared: me, and what waits for me."""

from django.urls import path

from crm.shared.views import account, frame

app_name = "shared"
urlpatterns = [
    path("", account.me, name="me"),
    path("waiting/", frame.waiting, name="waiting"),
]
