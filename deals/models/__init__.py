"""Models of deals."""

from deals.models.account import Account, Channel, Contact
from deals.models.catalogue import Competitor, Product
from deals.models.deal import Deal, StageChange, Stakeholder
from deals.models.loss_reason import LossReason
from deals.models.outcome import OtherReason, Outcome
from deals.models.stage import Stage

__all__ = [
    "Account",
    "Channel",
    "Competitor",
    "Contact",
    "Deal",
    "LossReason",
    "OtherReason",
    "Outcome",
    "Product",
    "Stage",
    "StageChange",
    "Stakeholder",
]
