"""Models of reviews."""

from reviews.models.feedback import BuyerFeedback, FeedbackInvitation
from reviews.models.review import NextTime, Review

__all__ = ["BuyerFeedback", "FeedbackInvitation", "NextTime", "Review"]
