"""A URLconf for events: which reactions follow what, which panels a deal page shows, where due things come from.

The reactions of a row run in its order, in batches, inside the transaction of the action that published the event.
"""

import crm.exports.erasing
import crm.imports.erasing
import crm.imports.personal
import deals.due
import deals.personal
import deals.reactions as deals_reactions
import deals.search
import followups.actions.erasing
import followups.due
import followups.panels
import followups.personal
import followups.reactions as followups_reactions
import referrals.actions.erasing
import referrals.due
import referrals.panels
import referrals.personal
import referrals.reactions as referrals_reactions
import reviews.actions.erasing
import reviews.due
import reviews.panels
import reviews.personal
import reviews.reactions as reviews_reactions
from crm import notices
from crm.reports import panels as reports_panels
from crm.shared.directory_events import DirectoryMerged, MergeUndone
from crm.shared.events import (
    ClosingUndone,
    DealAtRisk,
    DealDisqualified,
    DealLost,
    DealOpened,
    DealWon,
    FeedbackReceived,
)
from crm.shared.import_events import ImportStopped
from crm.shared.publishing import on
from crm.shared.selling_events import ProposalAnswered
from crm.shared.settings_events import PersonLeft, SetUpMerged
from crm.today import views as today_views
from followups.querysets import RULE_AND_PLAN

REACTIONS = [
    on(DealOpened, followups_reactions.plan_first_follow_up),
    on(
        DealLost,
        followups_reactions.settle_open_follow_ups,
        followups_reactions.plan_revisit_or_nurture,
        referrals_reactions.plan_ask,
        reviews_reactions.plan_buyer_invitation,
        reviews_reactions.plan_review,
        notices.tell_manager,
    ),
    on(
        DealWon,
        followups_reactions.settle_open_follow_ups,
        reviews_reactions.plan_review,
        referrals_reactions.plan_ask,
        notices.ring_bell,
    ),
    on(DealDisqualified, followups_reactions.settle_open_follow_ups),
    on(
        ClosingUndone,
        followups_reactions.withdraw,
        referrals_reactions.withdraw,
        reviews_reactions.withdraw,
    ),
    on(PersonLeft, deals_reactions.hand_over, reviews_reactions.hand_over),
    on(SetUpMerged, reviews_reactions.move_to_merged),
    on(
        DirectoryMerged,
        followups_reactions.follow_merge,
        referrals_reactions.follow_merge,
        reviews_reactions.follow_merge,
    ),
    on(
        MergeUndone,
        followups_reactions.go_back,
        referrals_reactions.go_back,
        reviews_reactions.go_back,
    ),
    on(ProposalAnswered, followups_reactions.hear_answers),
    on(DealAtRisk, notices.warn_owner),
    on(ImportStopped, notices.tell_administrators),
    on(
        FeedbackReceived,
        followups_reactions.hear_feedback,
        referrals_reactions.open_from_feedback,
        notices.tell_owner,
    ),
]

DEAL_PANELS = [
    followups.panels.touch_box,
    followups.panels.plan,
    followups.panels.persistence,
    reviews.panels.promises,
]

AFTERMATH_PANELS = [reviews.panels.review, reviews.panels.buyer_view, referrals.panels.asks]

DIRECTORY_PANELS = [followups.panels.touches]

DEAL_METERS = followups.panels.meters
DEAL_RELATIONS = RULE_AND_PLAN

CLOSING_PANELS = [reports_panels.worth_of_this_no]

REFLECTION_EVIDENCE = [followups.panels.reflection_evidence]

TODAY_PANELS = [reports_panels.my_quarter_and_year, reports_panels.worth_of_my_touch]

DUE_SOURCES = [followups.due.items, deals.due.items, referrals.due.items, reviews.due.items]

NAV_COUNTS = {
    "today:today": today_views.waiting_count,
    "reviews:reviews": reviews.due.waiting_count,
}

SEARCH_SOURCES = [deals.search.accounts, deals.search.contacts, deals.search.deals]

PERSON_SOURCES = [
    deals.personal.about,
    followups.personal.about,
    reviews.personal.about,
    referrals.personal.about,
    crm.imports.personal.about,
]

PERSON_ERASERS = [
    followups.actions.erasing.erase,
    reviews.actions.erasing.erase,
    referrals.actions.erasing.erase,
    crm.imports.erasing.erase,
    crm.exports.erasing.erase,
]
