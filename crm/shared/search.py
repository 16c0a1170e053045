"""The search box: groups of hits, as plain values; the wiring lists where they come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

from crm.shared.folding import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User

SHOWN = 8  # of each group, as one types


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing that was found: its name, what tells it from others of that name, a mark that matters, its page."""

    id: int
    title: str
    path: str
    hint: str = ""
    mark: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Hits of one `kind`, as the API calls it; `path` is the full list with the same search."""

    kind: str
    title: Any  # str or a lazy translation
    icon: str
    path: str
    hits: Sequence[Hit]


SearchSource = Callable[["User", str], Group]


def search_for(user: User, typed: str) -> list[Group]:
    """What `user` sees of what contains all words of `typed`, by kind; kinds without a hit are left out."""
    if not parts(typed):
        return []
    sources: list[SearchSource] = import_module(settings.WIRING).SEARCH_SOURCES
    groups = [source(user, typed) for source in sources]
    return [group for group in groups if group.hits]
