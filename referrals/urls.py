"""Pages of referrals."""

from django.urls import path

from referrals import views

app_name = "referrals"
urlpatterns = [
    path("", views.asks, name="asks"),
    path("<int:pk>/asked/", views.asked, name="asked"),
    path("<int:pk>/given/", views.given, name="given"),
    path("<int:pk>/declined/", views.declined, name="declined"),
    path("<int:pk>/waive/", views.waive, name="waive"),
    path("deals/<int:deal_pk>/panel/", views.panel, name="panel"),
]
