"""What the search box finds among deals: accounts, people, deals."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shared.search import SHOWN, Group, Hit
from deals.models import Account, Contact, Deal

if TYPE_CHECKING:
    from crm.shared.models import User


def accounts(user: User, typed: str) -> Group:
    """Companies; those whose name begins so come first."""
    seen = Account.objects.listed_for(user).current()
    hits = [
        Hit(
            id=one.pk,
            title=one.name,
            path=reverse("deals:account", args=[one.pk]),
            hint=" · ".join(filter(None, (one.industry, one.country))),
        )
        for one in seen.first_found_by(typed, most=SHOWN)
    ]
    path = _list("deals:accounts", search=typed)
    return Group(kind="accounts", title=_("Accounts"), icon="building-2", path=path, hits=hits)


def contacts(user: User, typed: str) -> Group:
    """People; those whose name begins so come first."""
    seen = Contact.objects.listed_for(user).current().select_related("account")
    hits = [
        Hit(
            id=one.pk,
            title=one.name,
            path=reverse("deals:contact", args=[one.pk]),
            hint=" · ".join(filter(None, (one.title, one.account.name if one.account else ""))),
            mark=_("no contact") if one.do_not_contact else "",
        )
        for one in seen.first_found_by(typed, most=SHOWN)
    ]
    path = _list("deals:contacts", search=typed)
    return Group(kind="contacts", title=_("People"), icon="users", path=path, hits=hits)


def deals(user: User, typed: str) -> Group:
    """Deals, the newest first: whatever became of them."""
    seen = Deal.objects.listed_for(user).current().select_related("account", "stage")
    hits = [
        Hit(
            id=one.pk,
            title=one.name,
            path=reverse("deals:deal", args=[one.pk]),
            hint=one.stage.name if one.is_open else str(one.get_status_display()),
        )
        for one in seen.found_by(typed).order_by("-pk")[:SHOWN]
    ]
    path = _list("deals:pipeline", search=typed, status="")
    return Group(kind="deals", title=_("Deals"), icon="columns-3", path=path, hits=hits)


def _list(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
