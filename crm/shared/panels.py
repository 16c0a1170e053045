"""Panels: parts of a page that live in other apps. The wiring lists them; the page's own app knows nobody."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Panel:
    """A template, its context, and its column on the deal page: "middle" or "right"."""

    template: str
    context: dict[str, Any]
    place: str = "right"


def _gather(table: str, request: HttpRequest, *about: Any) -> list[Panel]:
    """All panels of a table of the wiring that have something to show, in its order."""
    sources = getattr(import_module(settings.WIRING), table)
    panels = (source(request, *about) for source in sources)
    return [panel for panel in panels if panel is not None]


def panels_for(request: HttpRequest, deal: Any) -> list[Panel]:
    """What other apps show on the page of `deal`: sources are `(request, deal) -> Panel | None`."""
    return _gather("DEAL_PANELS", request, deal)


def panels_for_closing(request: HttpRequest, outcome: Any) -> list[Panel]:
    """What other apps say about a closing just made: sources are `(request, outcome) -> Panel | None`."""
    return _gather("CLOSING_PANELS", request, outcome)


def panels_for_today(request: HttpRequest) -> list[Panel]:
    """What other apps show beside a person's day: sources are `(request) -> Panel | None`."""
    return _gather("TODAY_PANELS", request)
