"""What the deal page shows from referrals: whom to ask, and what came of it."""

from django.http import HttpRequest

from crm.shared.panels import Panel
from crm.shared.views.mixins import signed_in
from deals.models import Deal
from referrals import policies
from referrals.models import ReferralAsk
from referrals.states import AskState


def asks(request: HttpRequest, deal: Deal) -> Panel | None:
    """The asks of this deal, to be carried out in place (A6)."""
    user = signed_in(request)
    found = list(
        ReferralAsk.objects.visible_to(user)
        .filter(deal=deal)
        .exclude(state=AskState.WITHDRAWN)
        .with_names()
    )
    if not found:
        return None
    return Panel(
        template="referrals/_panel.html",
        context={"deal": deal, "asks": found, "may_ask": policies.may_ask(user)},
    )
