"""What stands around every page: where one can go, the bell, and me."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.shared.models import Notice, User
from crm.shared.policies import allows
from crm.shared.roles import Permission
from crm.shared.sign_in import home_of
from crm.shared.views.mixins import signed_in

NOTICES_IN_BELL = 8
NEW_FOR = dt.timedelta(hours=24)

Words = Any  # str or a lazy translation


@dataclasses.dataclass(frozen=True)
class Place:
    """A page that the frame leads to: its URL name, its words, its icon, and who may go there."""

    name: str
    label: Words = dataclasses.field(compare=False)  # its words change with the language
    icon: str
    permission: Permission | None
    prefix: (
        str | tuple[str, ...]
    ) = ()  # part of the address below which this place is the current one
    key: str = ""
    needs_person: bool = False  # its count is shown in amber


WORK = (
    Place("today:today", _("Today"), "inbox", Permission.WORK_DEALS, key="g t", needs_person=True),
    Place("deals:pipeline", _("Pipeline"), "columns-3", Permission.SEE_DEALS, "/deals/", key="g p"),
    Place("deals:accounts", _("Accounts"), "building-2", Permission.SEE_DEALS, "/accounts/"),
    Place("deals:second-chances", _("Second chances"), "rotate-ccw", Permission.SEE_DEALS),
    Place("referrals:asks", _("Referrals"), "gift", Permission.WORK_DEALS, "/referrals/"),
)
LEARN = (
    Place("reviews:reviews", _("Reviews"), "clipboard-check", Permission.WORK_DEALS, "/reviews/"),
    Place(
        "reports:index",
        _("Reports"),
        "chart-no-axes-column",
        Permission.SEE_REPORTS,
        "/reports/",
        key="g r",
    ),
)
SET_UP = (
    Place("imports:imports", _("Import"), "file-up", Permission.IMPORT, "/imports/"),
    Place("exports:exports", _("Export"), "file-down", Permission.SEE_DEALS, "/exports/"),
    Place("api-docs", _("API"), "braces", None),
    Place("shared:me", _("Settings"), "settings", None, ("/me/", "/settings/")),
)
SETTINGS = (
    Place("shared:me", _("Me"), "user", None),
    Place("deals_settings:stages", _("Stages"), "columns-3", Permission.SET_RULES),
    Place(
        "deals_settings:reasons", _("Reasons and playbooks"), "notebook-pen", Permission.SET_RULES
    ),
    Place("deals_settings:competitors", _("Competitors"), "swords", Permission.SET_RULES),
    Place("deals_settings:products", _("Products"), "package", Permission.SET_RULES),
    Place("deals_settings:segments", _("Segments"), "layers", Permission.SET_RULES),
    Place("shared_settings:people", _("People"), "users", Permission.SET_RULES),
    Place("shared_settings:teams", _("Teams"), "network", Permission.SET_RULES),
)


@dataclasses.dataclass(frozen=True)
class Item:
    """A place as this reader sees it now."""

    place: Place
    url: str
    is_current: bool
    is_counted: bool


class Frame:
    """Computed only when a page asks for it, without a query: the bell and the counts come after the page."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request = request
        self.user = user

    @cached_property
    def home(self) -> str:
        return _address(home_of(self.user)) or "/"

    @cached_property
    def work(self) -> list[Item]:
        return self._items(WORK)

    @cached_property
    def learn(self) -> list[Item]:
        return self._items(LEARN)

    @cached_property
    def set_up(self) -> list[Item]:
        return self._items(SET_UP)

    @cached_property
    def settings(self) -> list[Item]:
        """The pages of the settings that this person may open, by the part of the address that each begins."""
        found = [
            (place, url)
            for place in SETTINGS
            if place.permission is None or allows(self.user, place.permission)
            if (url := _address(place.name))
        ]
        return [
            Item(
                place=place, url=url, is_current=self.request.path.startswith(url), is_counted=False
            )
            for place, url in found
        ]

    @property
    def bottom(self) -> list[Item]:
        """The two places that a thumb reaches first, left of "new"; a third stands right of it."""
        return [*self.work, *self.learn][:2]

    @property
    def bottom_right(self) -> list[Item]:
        return [item for item in self.learn if item not in self.bottom][:1]

    @property
    def more(self) -> list[Item]:
        """All other places, behind "More"."""
        shown = [*self.bottom, *self.bottom_right]
        return [item for item in (*self.work, *self.learn, *self.set_up) if item not in shown]

    @property
    def search(self) -> str:
        return _address("today:search") if allows(self.user, Permission.SEE_DEALS) else ""

    @property
    def new_deal(self) -> str:
        return _address("deals:new") if allows(self.user, Permission.WORK_DEALS) else ""

    @property
    def exports(self) -> str:
        return _address("exports:exports") if allows(self.user, Permission.SEE_DEALS) else ""

    @cached_property
    def _addresses(self) -> dict[Place, str]:
        """The places that exist here and that this person may see."""
        return {
            place: url
            for place in (*WORK, *LEARN, *SET_UP)
            if place.permission is None or allows(self.user, place.permission)
            if (url := _address(place.name))
        }

    @cached_property
    def _here(self) -> Place | None:
        """Where the reader is: the place of this very address, else the one that it lies below."""
        path = self.request.path
        exact = (place for place, url in self._addresses.items() if path == url)
        below = (
            place for place in self._addresses if place.prefix and path.startswith(place.prefix)
        )
        return next(exact, None) or next(below, None)

    def _items(self, places: Sequence[Place]) -> list[Item]:
        counts = _counts()
        return [
            Item(
                place=place,
                url=self._addresses[place],
                is_current=place == self._here,
                is_counted=place.name in counts,
            )
            for place in places
            if place in self._addresses
        ]


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `frame` for people signed in, and the theme they chose ("" follows the system)."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"frame": None, "theme": ""}
    return {"frame": SimpleLazyObject(lambda: Frame(request, user)), "theme": user.theme}


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """The bell and how much waits behind each place, for the frame of a page that is there already."""
    user, now = signed_in(request), timezone.now()
    bell = list(Notice.objects.visible_to(user)[:NOTICES_IN_BELL])
    counts = {
        place.name: _counts()[place.name](user, now=now)
        for place in (*WORK, *LEARN)
        if place.name in _counts()
        if place.permission is None or allows(user, place.permission)
    }
    context = {
        "bell": bell,
        "new_in_bell": sum(notice.at >= now - NEW_FOR for notice in bell),
        "counts": counts,
    }
    return render(request, "components/_waiting.html", context)


def _counts() -> Mapping[str, Callable[..., int]]:
    """What waits behind a place, by URL name: `(user, now=…) -> int`, as the wiring names them."""
    counts: Mapping[str, Callable[..., int]] = import_module(settings.WIRING).NAV_COUNTS
    return counts


def _address(name: str) -> str:
    """The address of a page, or nothing where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
