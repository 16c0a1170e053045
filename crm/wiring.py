"""A URLconf for events: which reactions follow what, which panels a deal page shows, where due things come from.

The reactions of a row run in its order, in batches, inside the transaction of the action that published the event.
"""

import followups.due
import followups.panels
import followups.reactions as followups_reactions
import referrals.due
import referrals.panels
import referrals.reactions as referrals_reactions
import reviews.due
import reviews.panels
import reviews.reactions as reviews_reactions
from crm import notices
from crm.reports import panels as reports_panels
from crm.shared.events import (
    ClosingUndone,
    DealAtRisk,
    DealDisqualified,
    DealLost,
    DealOpened,
    DealWon,
    FeedbackReceived,
)
from crm.shared.publishing import on

REACTIONS = [
    on(DealOpened, followups_reactions.plan_first_follow_up),
    on(
        DealLost,
        followups_reactions.cancel_open_follow_ups,
        followups_reactions.plan_revisit_or_nurture,
        referrals_reactions.plan_ask,
        reviews_reactions.plan_buyer_invitation,
        reviews_reactions.plan_review,
        notices.tell_manager,
    ),
    on(
        DealWon,
        followups_reactions.cancel_open_follow_ups,
        reviews_reactions.plan_review,
        referrals_reactions.plan_ask,
        notices.ring_bell,
    ),
    on(DealDisqualified, followups_reactions.cancel_open_follow_ups),
    on(
        ClosingUndone,
        followups_reactions.withdraw,
        referrals_reactions.withdraw,
        reviews_reactions.withdraw,
    ),
    on(DealAtRisk, notices.warn_owner),
    on(FeedbackReceived, referrals_reactions.open_from_feedback, notices.tell_owner),
]

DEAL_PANELS = [
    followups.panels.touch_box,
    followups.panels.plan,
    followups.panels.persistence,
    reviews.panels.reviews,
    reviews.panels.buyer_view,
    referrals.panels.asks,
]

CLOSING_PANELS = [reports_panels.worth_of_this_no]

TODAY_PANELS = [reports_panels.my_quarter_and_year, reports_panels.worth_of_my_touch]

DUE_SOURCES = [followups.due.items, referrals.due.items, reviews.due.items]
