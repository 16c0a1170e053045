"""Pages of exports."""

from django.urls import path

from crm.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.exports, name="exports"),
    path("<int:pk>/", views.one, name="export"),
    path("<int:pk>/file/", views.file, name="file"),
]
