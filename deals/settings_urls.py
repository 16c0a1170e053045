"""Settings pages of deals."""

from django.urls import path

from deals.views.settings import pages
from deals.views.settings.kinds import KINDS

app_name = "deals_settings"
urlpatterns = []
for kind in KINDS.values():
    slug, said = kind.slug, {"slug": kind.slug}
    urlpatterns += [
        path(f"{slug}/", pages.listing, said, name=slug),
        path(f"{slug}/<int:pk>/", pages.edit, said, name=f"edit-{slug}"),
        path(f"{slug}/<int:pk>/retire/", pages.retire, said, name=f"retire-{slug}"),
    ]
    if kind.move:
        urlpatterns.append(path(f"{slug}/<int:pk>/move/", pages.move, said, name=f"move-{slug}"))
    if kind.merge:
        urlpatterns.append(path(f"{slug}/<int:pk>/merge/", pages.merge, said, name=f"merge-{slug}"))
