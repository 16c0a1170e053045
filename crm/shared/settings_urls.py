"""Settings pages of people and teams."""

from django.urls import path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from crm.shared.views import people

app_name = "shared_settings"
urlpatterns = [
    path("", require_safe(RedirectView.as_view(pattern_name="shared:me")), name="settings"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/leave/", people.leave, name="leave"),
    path("people/<int:pk>/come-back/", people.come_back, name="come-back"),
    path("people/<int:pk>/invite/", people.invite_again, name="invite-again"),
    path("teams/", people.tree, name="teams"),
    path("teams/<int:pk>/", people.team, name="team"),
]
