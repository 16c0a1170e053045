"""Examples that fit their schemas."""

import pytest

from crm.shared.api.examples import example_of

COMPONENTS = {
    "Deal": {
        "type": "object",
        "properties": {"title": {"type": "string"}, "next": {"$ref": "#/x/Deal"}},
    },
    "Status": {"type": "string", "enum": ["open", "won"]},
}
EXAMPLES = [
    ({"type": "string"}, "text"),
    ({"type": "string", "format": "date"}, "2026-04-20"),
    ({"type": ["string", "null"], "format": "email"}, "ada@example.com"),
    ({"type": "integer"}, 1),
    ({"type": "integer", "minimum": 3}, 3),
    ({"type": "integer", "minimum": -2}, 1),
    ({"type": "boolean"}, True),
    ({"type": "boolean", "default": False}, False),
    ({"const": "b"}, "b"),
    ({"$ref": "#/x/Status"}, "open"),
    ({"oneOf": [{"$ref": "#/x/Status"}, {"type": "null"}]}, "open"),
    ({"oneOf": [{"type": "object"}], "example": {"days": 3}}, {"days": 3}),
    ({"type": "array", "items": {"type": "integer"}}, [1]),
    ({"type": "object", "properties": {"currency": {"type": "string"}}}, {"currency": "EUR"}),
    ({}, {}),
]


@pytest.mark.parametrize(("schema", "example"), EXAMPLES)
def test_an_example_fits(schema, example):
    assert example_of(schema, components=COMPONENTS) == example


def test_what_holds_itself_ends():
    found = example_of({"$ref": "#/x/Deal"}, components=COMPONENTS)

    depth = 0
    while found:
        found, depth = found["next"], depth + 1
    assert depth == 7
