"""Pages of reviews."""

from django.urls import path

from reviews.views import on_deals, reviewing

app_name = "reviews"
urlpatterns = [
    path("", reviewing.reviews, name="reviews"),
    path("<int:pk>/", reviewing.review, name="review"),
    path("<int:pk>/draft/", reviewing.save_draft, name="save-draft"),
    path("<int:pk>/hold/", reviewing.hold, name="hold"),
    path("deals/<int:deal_pk>/start/", reviewing.start, name="start"),
    path("deals/<int:deal_pk>/panel/", on_deals.reviews_panel, name="panel"),
    path("deals/<int:deal_pk>/buyer/", on_deals.buyer_view_panel, name="buyer-view-panel"),
    path("feedback/<int:pk>/read/", on_deals.read_feedback, name="read-feedback"),
]
