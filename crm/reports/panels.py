"""What reports say on other pages: what this no was worth, and a person's figures beside their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.shared.panels import Panel
    from deals.models import Outcome


def worth_of_this_no(request: HttpRequest, outcome: Outcome) -> Panel | None:
    """What a touch has earned its owner on average, on the card after a loss (A11); None where not known."""
    return None


def my_quarter_and_year(request: HttpRequest) -> Panel | None:
    """What the person's quarter and year hold so far (A8); None before their first win."""
    return None


def worth_of_my_touch(request: HttpRequest) -> Panel | None:
    """What a call or an e-mail has earned this person on average (A2); None where not known."""
    return None
