"""The pages of all apps."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from crm.shared.views import health

urlpatterns = [
    path("", include("crm.today.urls")),
    path("", include("deals.urls")),
    path("", include("followups.urls")),
    path("reviews/", include("reviews.urls")),
    path("referrals/", include("referrals.urls")),
    path("reports/", include("crm.reports.urls")),
    path("imports/", include("crm.imports.urls")),
    path("exports/", include("crm.exports.urls")),
    path("feedback/", include("reviews.public_urls")),
    path("settings/", include("deals.settings_urls")),
    path("settings/", include("crm.shared.settings_urls")),
    path("me/", include("crm.shared.urls")),
    path("unsubscribe/", include("crm.shared.public_urls")),
    path("account/", include("allauth.account.urls")),
    path("operator/", admin.site.urls),
    path("api/v1/", include("crm.api_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

if settings.DEBUG:
    from crm.shared.views import kit

    urlpatterns.append(path("kit/", kit.kit))
