"""Referral asks for tests."""

import datetime as dt
from typing import Any

from crm.shared.models import User
from referrals.models import ReferralAsk
from referrals.states import Origin
from tests.factories import deals, reviews


def ask(*, owner: User, **fields: Any) -> ReferralAsk:
    """An ask due today, to a person in London, after a loss."""
    made = fields.pop("outcome", None) or reviews.outcome(owner=owner)
    known = {"contact": deals.contact(owner=owner), "origin": Origin.LOSS}
    day = {"due_on": dt.date(2026, 4, 20)}
    return ReferralAsk.objects.create(outcome=made, deal=made.deal, **(known | day | fields))
