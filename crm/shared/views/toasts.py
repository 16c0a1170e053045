"""Toasts: what happened, what comes next, and the way back."""

from django.contrib import messages
from django.http import HttpRequest

UNDO = "undo:"


def toast(request: HttpRequest, text: str, *, undo: str = "", is_error: bool = False) -> None:
    """Show `text` on the next page or in this htmx answer. `undo` is a path that takes an empty POST."""
    if is_error:
        messages.error(request, text)
        return
    messages.success(request, text, extra_tags=f"{UNDO}{undo}" if undo else "")
