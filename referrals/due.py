"""What is due from referrals: whom to ask for a referral."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shared import display
from crm.shared.due import DueItem, Rank
from crm.shared.models import User
from crm.shared.working_days import NINE, at_local, local_day
from referrals.models import ReferralAsk
from referrals.states import Origin


def items(users: Sequence[User], *, now: dt.datetime, until: dt.datetime) -> list[DueItem]:
    """Asks due up to `until`, for all `users` in one query."""
    people = {user.pk: user for user in users}
    # A day begins up to 14 hours before it does in UTC, so the far end is cut by each person's own clock below.
    asks = (
        ReferralAsk.objects.due()
        .filter(deal__owner__in=people, due_on__lte=until.date() + dt.timedelta(days=1))
        .with_names()
    )
    found = [_item(ask, owner=people[ask.deal.owner_id]) for ask in asks]
    return [item for item in found if item.due_at < until]


def _item(ask: ReferralAsk, *, owner: User) -> DueItem:
    name = ask.deal.account.name if ask.deal.account else ask.deal.title
    return DueItem(
        rank=Rank.ASK,
        due_at=at_local(ask.due_on, NINE, owner.time_zone),
        user_id=owner.pk,
        deal_id=ask.deal_id,
        title=_("%(deal)s · referral ask") % {"deal": name},
        why=why(ask, owner=owner),
        path=reverse("deals:deal", args=[ask.deal_id]),
        chip=_("Ask due"),
        icon="gift",
        template="referrals/_due.html",
        context={"pk": f"ask-{ask.pk}", "ask_id": ask.pk},
    )


def why(ask: ReferralAsk, *, owner: User) -> str:
    """Whom to ask and what it goes back to, in one sentence."""
    words = {
        "who": ask.contact.name if ask.contact else _("The customer"),
        "day": display.day(local_day(ask.outcome.at, owner.time_zone)),
        "reason": ask.outcome.reason,
    }
    if ask.origin == Origin.FEEDBACK:
        return _("The buyer’s answer names somebody we could help.")
    if ask.origin == Origin.WIN:
        return _("%(who)s said yes on %(day)s. The letter is ready.") % words
    return _("%(who)s said no on %(day)s (%(reason)s). The letter is ready.") % words
