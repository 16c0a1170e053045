"""Pages of imports."""

from django.urls import path

from crm.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.one, name="import"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/rejected.csv", views.rejected, name="rejected"),
]
