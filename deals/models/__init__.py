"""Models of deals."""

from deals.models.account import Account, Channel, Contact, Merge, NoContact
from deals.models.bulk_job import BulkJob, BulkRow
from deals.models.catalogue import Competitor, Product
from deals.models.deal import Deal, StageChange, Stakeholder
from deals.models.loss_reason import LossReason
from deals.models.order import Order, ValueCheck
from deals.models.outcome import OtherReason, Outcome
from deals.models.proposal import ConfidenceStated, Proposal
from deals.models.saved_view import SavedView
from deals.models.stage import Stage
from deals.models.target_list import Segment, SegmentPin, Suspect, TargetList

__all__ = [
    "Account",
    "BulkJob",
    "BulkRow",
    "Channel",
    "Competitor",
    "ConfidenceStated",
    "Contact",
    "Deal",
    "LossReason",
    "Merge",
    "NoContact",
    "Order",
    "OtherReason",
    "Outcome",
    "Product",
    "Proposal",
    "SavedView",
    "Segment",
    "SegmentPin",
    "Stage",
    "StageChange",
    "Stakeholder",
    "Suspect",
    "TargetList",
    "ValueCheck",
]
