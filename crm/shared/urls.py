"""Pages of shared: me."""

from django.urls import path

from crm.shared.views import account

app_name = "shared"
urlpatterns = [path("", account.me, name="me")]
