"""Lucide outlines as inline SVG: no font, no request, and they take the colour of the words beside them."""

import re
import zipfile
from functools import cache
from importlib import resources

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SHAPE = re.compile(r"<(path|circle|rect|line|ellipse|polyline|polygon)\s+([^>]*?)\s*/>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
SIZE_CLASSES = {12: "i i-12", 14: "i i-14", 16: "i", 20: "i i-lg", 24: "i i-24"}  # pixels


@cache
def shapes(name: str) -> SafeString:
    """The inner marks of the icon `name`. Raises LookupError for a name that Lucide does not know."""
    packed = resources.files("lucide").joinpath("lucide.zip")
    with resources.as_file(packed) as path, zipfile.ZipFile(path) as icons:
        try:
            source = icons.read(f"{name}.svg").decode()
        except KeyError as error:
            message = f"Lucide has no icon named {name!r}."
            raise LookupError(message) from error
    return format_html_join(
        "",
        "<{}{}/>",
        ((tag, flatatt(dict(ATTRIBUTE.findall(rest)))) for tag, rest in SHAPE.findall(source)),
    )


def draw(name: str, *, size: int = 16, label: str = "") -> SafeString:
    """The icon as SVG, `size` in pixels. With a `label` it has a name for screen readers, without one it is hidden."""
    naming = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else format_html('aria-hidden="{}"', "true")
    )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>', SIZE_CLASSES[size], naming, shapes(name)
    )
