"""Panels: parts of a page that live in other apps. The wiring lists them; the page's own app knows nobody."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Panel:
    """A template, its context, and its column on the deal page: "middle" or "right"."""

    template: str
    context: dict[str, Any]
    place: str = "right"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Persistence:
    """The persistence meter of a card: tries and days of silence, each against what its stop rule allows."""

    unanswered: int
    max_unanswered: int
    silent_days: int
    max_silent_days: int
    state: str


def meters_for(deals: Sequence[Any], *, now: dt.datetime) -> dict[int, Persistence]:
    """The meter of each open deal that was ever contacted, by its id, from the source that the wiring names."""
    source = import_module(settings.WIRING).DEAL_METERS
    found: dict[int, Persistence] = source(deals, now=now)
    return found


def _gather(table: str, request: HttpRequest, *about: Any) -> list[Panel]:
    """All panels of a table of the wiring that have something to show, in its order."""
    sources = getattr(import_module(settings.WIRING), table)
    panels = (source(request, *about) for source in sources)
    return [panel for panel in panels if panel is not None]


def panels_for(request: HttpRequest, deal: Any) -> list[Panel]:
    """What other apps show on the page of `deal`: sources are `(request, deal) -> Panel | None`."""
    return _gather("DEAL_PANELS", request, deal)


def panels_after(request: HttpRequest, deal: Any) -> list[Panel]:
    """What other apps show of what followed a closing of `deal`: sources are `(request, deal) -> Panel | None`."""
    return _gather("AFTERMATH_PANELS", request, deal)


def relations_of_panels() -> tuple[str, ...]:
    """What the panels of a deal page want fetched with the deal, so that they need not ask one by one."""
    found: tuple[str, ...] = getattr(import_module(settings.WIRING), "DEAL_RELATIONS", ())
    return found


def panels_for_closing(request: HttpRequest, outcome: Any) -> list[Panel]:
    """What other apps say about a closing just made: sources are `(request, outcome) -> Panel | None`."""
    return _gather("CLOSING_PANELS", request, outcome)


def evidence_for(deal: Any) -> dict[str, list[str]]:
    """What other apps know that helps to answer the six questions (A4): sources are `(deal) -> {question: words}`."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in import_module(settings.WIRING).REFLECTION_EVIDENCE:
        for question, words in source(deal).items():
            found[question].append(words)
    return dict(found)


def panels_for_row(request: HttpRequest, row: Any) -> list[Panel]:
    """What other apps show on the page of a company or a person: sources are `(request, row) -> Panel | None`."""
    return _gather("DIRECTORY_PANELS", request, row)


def panels_for_today(request: HttpRequest) -> list[Panel]:
    """What other apps show beside a person's day: sources are `(request) -> Panel | None`."""
    return _gather("TODAY_PANELS", request)
