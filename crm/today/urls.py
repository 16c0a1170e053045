"""Pages of a person's day."""

from django.urls import path

from crm.today import views

app_name = "today"
urlpatterns = [
    path("", views.today, name="today"),
    path("bell/", views.bell, name="bell"),
]
