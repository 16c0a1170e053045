"""The components as template tags, known in every template. They draw; they ask nothing and decide nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django import template
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from crm.shared import display, icons
from crm.shared.views.keyset import KeysetPage
from crm.shared.views.toasts import UNDO

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.forms import BaseForm, BoundField
    from django.template.context import Context
    from django.utils.safestring import SafeString

register = template.Library()

NONE = (None, "")  # a template gives an unknown name to a filter as ""
MOST_PIPS = 12
NEAR_TRIES, NEAR_DAYS = 0.6, 0.75  # from here the meter is amber (mock/README)


# ---- icons and marks -----------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """A Lucide outline, `size` 12, 14, 16, 20 or 24 pixels; hidden from screen readers unless it has a label."""
    return icons.draw(name, size=size, label=label)


@register.inclusion_tag("components/mark.html")
def mark(kind: str = "") -> dict[str, Any]:
    """The rebound line: down in slate, up in teal. `kind` "calm" is the large one of the calm card."""
    return {"kind": kind}


@register.inclusion_tag("components/avatar.html")
def avatar(name: str, kind: str = "") -> dict[str, Any]:
    """A person's initials; `kind` "plain", "sm" or both. Its name stands beside it, so it is hidden from readers."""
    return {"initials": display.initials(name), "classes": _states(kind)}


# ---- words, numbers, times -----------------------------------------------------------------------


@register.simple_tag
def money(amount: display.Number | None, currency: str = "") -> SafeString:
    """The exact amount: 48,200.00 EUR."""
    text = display.NOTHING if amount in NONE else display.exact_money(amount, currency)
    return format_html('<span class="amount">{}</span>', text)


@register.filter
def short_money(amount: display.Number | None, currency: str = "") -> SafeString:
    """A short amount for lists (48.2k) with the exact one on hover."""
    if amount in NONE:
        return format_html('<span class="faint">{}</span>', display.NOTHING)
    exact = display.exact_money(amount, currency)
    return format_html(
        '<span class="amount" title="{}">{}</span>', exact, display.short_number(amount)
    )


@register.filter
def exact_money(amount: display.Number | None, currency: str = "") -> str:
    """The exact amount as plain text, for attributes and mails."""
    return display.NOTHING if amount in NONE else display.exact_money(amount, currency)


@register.filter
def short_number(value: display.Number | None) -> str:
    return display.NOTHING if value in NONE else display.short_number(value)


@register.filter
def number(value: display.Number | None, digits: int = 0) -> str:
    return display.NOTHING if value in NONE else display.number(value, digits)


@register.filter
def percent(rate: display.Number | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage; no denominator (None) is a dash."""
    return display.NOTHING if rate in NONE else display.percent(rate, digits)


@register.filter
def day(value: dt.date | None) -> str:
    return display.day(value) if value else display.NOTHING


@register.filter
def long_day(value: dt.date | None) -> str:
    return display.long_day(value) if value else display.NOTHING


@register.filter
def full_day(value: dt.date | None) -> str:
    return display.full_day(value) if value else display.NOTHING


@register.filter
def clock(value: dt.datetime | None) -> str:
    return display.clock(value) if value else display.NOTHING


@register.filter
def since(value: dt.date | None) -> str:
    return display.since(value) if value else display.NOTHING


@register.simple_tag
def when(value: dt.date | None) -> SafeString:
    """A moment near today by its name, else its day, on the reader's clock."""
    if not value:
        return format_html('<span class="faint">{}</span>', display.NOTHING)
    moment = display.local(value) if isinstance(value, dt.datetime) else value
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), display.when(value))


@register.simple_tag
def voice(words: str) -> SafeString:
    """What a buyer said, in the serif and in quotation marks. Nothing of ours is set like this."""
    return format_html('<span class="voice">{}</span>', display.quoted(words))


@register.filter
def initials(name: str) -> str:
    return display.initials(name)


# ---- components ----------------------------------------------------------------------------------


@register.inclusion_tag("components/chip.html")
def chip(text: str, icon: str = "", kind: str = "") -> dict[str, Any]:
    """A word first, colour second: `kind` "" | needs | win | loss | line."""
    return {"text": text, "icon": icon, "classes": _states(kind)}


@dataclasses.dataclass(frozen=True)
class Meter:
    """Persistence: unanswered tries and days of silence, each against what the stop rule allows."""

    unanswered: int
    max_unanswered: int
    silent_days: int
    max_silent_days: int
    state: str
    wide: bool

    @property
    def pips(self) -> list[bool]:
        allowed = min(self.max_unanswered, MOST_PIPS)
        return [place < self.unanswered for place in range(allowed)]

    @property
    def silence_width(self) -> int:
        """How far the bar of days is filled, in hundredths."""
        return min(100, round(100 * self.silent_days / max(self.max_silent_days, 1)))


@register.inclusion_tag("components/meter.html")
def meter(
    unanswered: int,
    max_unanswered: int,
    silent_days: int,
    max_silent_days: int,
    state: str = "",
    *,
    wide: bool = False,
) -> dict[str, Any]:
    """The persistence meter. `state` "ok" | "near" | "met"; left out, it follows from the figures."""
    if not state:
        near = (
            unanswered >= NEAR_TRIES * max_unanswered or silent_days >= NEAR_DAYS * max_silent_days
        )
        state = "near" if near else "ok"
        if unanswered >= max_unanswered or silent_days >= max_silent_days:
            state = "met"
    return {"meter": Meter(unanswered, max_unanswered, silent_days, max_silent_days, state, wide)}


@register.inclusion_tag("components/button.html")
def button(
    text: str,
    icon: str = "",
    url: str = "",
    kind: str = "",
    key: str = "",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A link that looks like a button when it has a `url`, else a submit button. `kind` primary | quiet | lg."""
    return {
        "text": text,
        "icon": icon,
        "url": url,
        "classes": _states(kind),
        "key": key,
        "name": name,
        "value": value,
    }


@register.inclusion_tag("components/figure.html")
def figure(value: str, label: str, url: str = "", note: str = "", kind: str = "") -> dict[str, Any]:
    """One key figure, a link to what is behind it, and what it never comes without (its n, its interval)."""
    return {"value": value, "label": label, "url": url, "note": note, "kind": kind}


@register.inclusion_tag("components/note.html")
def note(text: str, icon: str = "", kind: str = "") -> dict[str, Any]:
    """One sentence on a tinted ground: `kind` "" (needs you) | plain | loss | error."""
    return {"text": text, "icon": icon, "kind": kind, "classes": _states(kind)}


@register.inclusion_tag("components/empty.html")
def empty_state(
    icon: str, title: str, text: str, url: str = "", action: str = ""
) -> dict[str, Any]:
    """What will be here, when, and the first step."""
    return {"icon": icon, "title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any] | KeysetPage[Any]) -> dict[str, Any]:
    """The way on through a long list, as ?page= or, for a KeysetPage, ?cursor=; keeps the filters of the address."""
    if isinstance(page, KeysetPage):
        is_long = bool(page.next) or not page.is_first
    else:
        is_long = page.has_other_pages()
    return {"page": page, "is_long": is_long, "request": context["request"]}


# ---- forms ---------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", hint: str = "") -> dict[str, Any]:
    """A field with its label, help and errors. Ticks stand before their words, choices below their question."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        shape = "choices"
    else:
        shape = "check" if isinstance(widget, CheckboxInput) else "input"
    control = bound.as_widget(attrs={"class": "input"}) if shape == "input" else bound.as_widget()
    return {
        "field": bound,
        "control": control,
        "shape": shape,
        "label": label or bound.label,
        "hint": hint or bound.help_text,
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with the form as a whole."""
    return {"errors": form.non_field_errors()}


@register.filter
def undo_path(tags: str | None) -> str:
    """The path that a toast's Undo posts to, out of the message's tags; nothing where there is none."""
    return tags.removeprefix(UNDO) if tags and tags.startswith(UNDO) else ""


# ---- links ---------------------------------------------------------------------------------------


@register.simple_tag
def safe_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or nothing where this installation does not have it."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _states(kind: str) -> str:
    """ "primary lg" to " is-primary is-lg"."""
    return "".join(f" is-{word}" for word in kind.split())
