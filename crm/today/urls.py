"""Pages of a person's day."""

from django.urls import path

from crm.today import search, views

app_name = "today"
urlpatterns = [
    path("", views.today, name="today"),
    path("beside/", views.beside, name="beside"),
    path("search/", search.search, name="search"),
    path("bell/", views.bell, name="bell"),
]
