"""Models of followups."""

from followups.models.plan import FollowUp, Plan
from followups.models.stop_rule import KeptOpen, StopRule
from followups.models.touch import Touch

__all__ = ["FollowUp", "KeptOpen", "Plan", "StopRule", "Touch"]
