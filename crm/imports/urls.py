"""Pages of imports."""

from django.urls import path

from crm.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.one, name="import"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/sheet/", views.sheet, name="sheet"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/take-up/", views.take_up, name="take-up"),
    path("<int:pk>/list/", views.make_list, name="make-list"),
    path("<int:pk>/rejected.csv", views.rejected, name="rejected"),
]
