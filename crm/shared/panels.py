"""Panels: parts of the deal page that live in other apps. The wiring lists them; deals knows nobody."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Panel:
    """A template, its context and its place: "middle" or "right" column of the deal page."""

    template: str
    context: dict[str, Any]
    place: str = "right"


PanelSource = Callable[[HttpRequest, Any], Panel | None]


ClosingPanelSource = Callable[[HttpRequest, Any], Panel | None]


def panels_for(request: HttpRequest, deal: Any) -> list[Panel]:
    """All panels that have something to show about `deal`, in the order of the wiring."""
    sources: list[PanelSource] = import_module(settings.WIRING).DEAL_PANELS
    panels = (source(request, deal) for source in sources)
    return [panel for panel in panels if panel is not None]


def panels_for_closing(request: HttpRequest, outcome: Any) -> list[Panel]:
    """All panels that have something to say about a closing just made, in the order of the wiring."""
    sources: list[ClosingPanelSource] = import_module(settings.WIRING).CLOSING_PANELS
    panels = (source(request, outcome) for source in sources)
    return [panel for panel in panels if panel is not None]
