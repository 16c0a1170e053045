"""JSON as we take it: UTF-8, finite numbers, no name twice, no text that a database cannot hold, and not endlessly deep."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20
LARGEST_WHOLE = 2**63 - 1


class StrictJSONParser(BaseParser):
    """Refuses, as 400, everything that could only fail later and worse; over the size limit it is 413."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            value = json.loads(
                body.decode("utf-8"),
                parse_constant=_refuse_constant,
                parse_float=_finite,
                parse_int=_whole,
                object_pairs_hook=_no_name_twice,
            )
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not valid JSON: %(why)s.") % {"why": error}) from None
        check_text(value)
        return value


def check_text(value: Any, *, depth: int = 0) -> None:
    """Refuse NUL, lone halves of surrogate pairs, and more than 20 levels: PostgreSQL stores none of the first two."""
    if depth > DEEPEST:
        raise ParseError(_("The body is nested too deeply."))
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError(_("The body holds characters that are not text."))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            check_text(name, depth=depth + 1)
            check_text(item, depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_text(item, depth=depth + 1)


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not a number") % {"name": name})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(_("a number is too large"))
    return number


def _whole(text: str) -> int:
    if len(text) > len(str(LARGEST_WHOLE)) + 1 or abs(number := int(text)) > LARGEST_WHOLE:
        raise ValueError(_("a number is too large"))
    return number


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("a name stands twice in one object"))
    return found
