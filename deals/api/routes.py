"""Which path leads to which resource."""

from deals.api.feed import EventViewSet
from deals.api.setup_views import (
    CompetitorViewSet,
    LossReasonViewSet,
    ProductViewSet,
    StageViewSet,
)
from deals.api.views import AccountViewSet, ContactViewSet, DealViewSet, StakeholderViewSet

ROUTES = [
    ("accounts", AccountViewSet),
    ("contacts", ContactViewSet),
    ("deals", DealViewSet),
    ("stakeholders", StakeholderViewSet),
    ("stages", StageViewSet),
    ("products", ProductViewSet),
    ("competitors", CompetitorViewSet),
    ("loss-reasons", LossReasonViewSet),
    ("events", EventViewSet),
]
