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


def example_of(schema: dict[str, Any], *, components: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`; fields beyond six levels are left out."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[-1]]
    for given in ("example", "default", "const"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], components=components, name=name, depth=depth)
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if depth > DEEPEST:
        return None
    if kind == "object":
        properties = schema.get("properties", {})
        return {
            key: example_of(inner, components=components, name=key, depth=depth + 1)
            for key, inner in properties.items()
        }
    if kind == "array":
        return [example_of(schema.get("items", {}), components=components, name=name, depth=depth + 1)]
    return _plain(kind, schema, name)


def _plain(kind: str, schema: dict[str, Any], name: str) -> Any:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), 1)
    return BY_FORMAT.get(schema.get("format", "")) or BY_NAME.get(name, "text")
