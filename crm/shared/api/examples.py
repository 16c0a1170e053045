"""An example for a JSON schema: what a reader of the description sees before they try it."""

from __future__ import annotations

from typing import Any

BY_FORMAT = {
    "date-time": "2026-04-20T08:00:00Z",
    "date": "2026-04-20",
    "email": "ada@example.com",
    "uri": "https://crm.example.com/api/v1/deals/?cursor=WyItaWQi",
    "decimal": "1200.00",
}
BY_NAME = {
    "currency": "EUR",
    "country": "IT",
    "language": "it",
    "time_zone": "Europe/Rome",
    "title": "Pumps for the new plant",
    "name": "Officine Rossi",
    "slug": "price-or-value",
    "reason": "price-or-value",
    "buyer_words": "We liked it, but not at this price.",
    "note": "They chose to wait a year.",
    "website": "https://example.com",
    "phone": "+39 06 1234567",
}
DEEPEST = 6


def example_of(
    schema: dict[str, Any], *, components: dict[str, Any], name: str = "", depth: int = 0
) -> Any:
    """A value that fits `schema`; what lies deeper than six levels is null."""
    schema = _resolved(schema, components)
    for given in ("example", "default", "const"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if depth > DEEPEST:
        return None
    if kind == "array":
        inner = schema.get("items", {})
        return [example_of(inner, components=components, name=name, depth=depth + 1)]
    if kind != "object":
        return _plain(kind, schema, name)
    return {
        key: example_of(inner, components=components, name=key, depth=depth + 1)
        for key, inner in schema.get("properties", {}).items()
    }


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference, or the first of several, stands for."""
    while True:
        several = next((schema[one] for one in ("allOf", "oneOf", "anyOf") if one in schema), None)
        if "example" in schema:
            return schema
        if "$ref" in schema:
            schema = components[schema["$ref"].rsplit("/", 1)[-1]]
        elif several:
            schema = several[0]
        else:
            return schema


def _plain(kind: str, schema: dict[str, Any], name: str) -> Any:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), 1)
    return BY_FORMAT.get(schema.get("format", "")) or BY_NAME.get(name, "text")
