"""Which path leads to which resource."""

from deals.api.directory_views import MergeViewSet
from deals.api.feed import EventViewSet
from deals.api.group_views import SegmentViewSet, TargetListViewSet
from deals.api.selling_views import OrderViewSet, ProposalViewSet
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
    ("merges", MergeViewSet),
    ("deals", DealViewSet),
    ("stakeholders", StakeholderViewSet),
    ("proposals", ProposalViewSet),
    ("orders", OrderViewSet),
    ("stages", StageViewSet),
    ("products", ProductViewSet),
    ("competitors", CompetitorViewSet),
    ("loss-reasons", LossReasonViewSet),
    ("segments", SegmentViewSet),
    ("target-lists", TargetListViewSet),
    ("events", EventViewSet),
]
