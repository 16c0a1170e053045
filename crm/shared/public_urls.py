"""Pages of shared without sign-in."""

from django.urls import path

from crm.shared.views import unsubscribe

app_name = "mail"
urlpatterns = [path("<str:token>/", unsubscribe.unsubscribe, name="unsubscribe")]
