"""Pages of reports."""

from django.urls import path

from crm.reports import monthly_review, views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("monthly-review/", views.report, {"slug": monthly_review.SLUG}, name="monthly-review"),
    path("<slug:slug>/", views.report, name="report"),
]
