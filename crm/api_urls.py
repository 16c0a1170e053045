"""The API of all apps, and its description."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import path
from rest_framework.routers import SimpleRouter

import crm.exports.api
import crm.imports.api
import crm.shared.api.views
import deals.api.routes
import followups.api.views
import referrals.api.views
import reviews.api.views
from crm.reports.api import ReportView
from crm.shared.api.views import DocsView, MeView, SchemaView
from crm.today.api import SearchView

ROUTES: list[tuple[str, Any]] = [
    *crm.shared.api.views.ROUTES,
    *deals.api.routes.ROUTES,
    *followups.api.views.ROUTES,
    *crm.imports.api.ROUTES,
    *crm.exports.api.ROUTES,
    *reviews.api.views.ROUTES,
    *referrals.api.views.ROUTES,
]

router = SimpleRouter()
for prefix, viewset in ROUTES:
    named = {basename for _prefix, _viewset, basename in router.registry}
    # Verbs that another app adds to a resource stand beside it under names of their own.
    basename = f"api-{prefix}" if f"api-{prefix}" not in named else f"api-{prefix}-more"
    router.register(prefix, viewset, basename=basename)

urlpatterns = [
    path("me/", MeView.as_view(), name="api-me"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", login_required(DocsView.as_view(url_name="api-schema")), name="api-docs"),
    path("search/", SearchView.as_view(), name="api-search"),
    path("reports/<slug:slug>/", ReportView.as_view(), name="api-report"),
    *router.urls,
]
