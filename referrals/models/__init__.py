"""Models of referrals."""

from referrals.models.ask import ReferralAsk

__all__ = ["ReferralAsk"]
