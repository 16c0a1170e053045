"""What the database says, without the numbers that differ from one run to the next."""

from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

APPS = {"shared", "deals", "followups", "reviews", "referrals"}
NOT_WRITTEN_BY_ACTIONS = {"ApiToken", "StoredAnswer"}
KINDS = {"deal": "Deal", "outcome": "Outcome", "contact": "Contact", "owner": "User"}

Rows = dict[str, list[dict[str, Any]]]


def models() -> list[type[Model]]:
    """Our own models that actions write."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in APPS and model.__name__ not in NOT_WRITTEN_BY_ACTIONS
    ]


def snapshot() -> Rows:
    """Every row of every app by model, in the order of its keys; a reference says which row of its kind it means."""
    places = {
        model: {
            pk: place
            for place, pk in enumerate(
                model._default_manager.order_by("pk").values_list("pk", flat=True)
            )
        }
        for model in models()
    }
    return {model.__name__: [row(thing, places) for thing in ordered(model)] for model in models()}


def ordered(model: type[Model]) -> Any:
    return model._default_manager.order_by("pk")


def row(thing: Model, places: dict[type[Model], dict[int, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in thing._meta.concrete_fields:
        value = getattr(thing, field.attname)
        if field.primary_key:
            continue
        if isinstance(field, ForeignKey) and value is not None:
            value = places.get(field.related_model, {}).get(value, value)
        elif field.name == "data" or field.name.endswith("_id"):
            value = without_numbers(value)
        elif field.name in {"path", "hash", "password", "last_login"}:
            continue
        found[field.name] = value
    return found


def without_numbers(value: Any) -> Any:
    """A number that names a row becomes a mark; other values stay."""
    if isinstance(value, dict):
        return {
            key: bool(inner) if is_reference(key, inner) else without_numbers(inner)
            for key, inner in value.items()
        }
    return value if not isinstance(value, int) or isinstance(value, bool) else "a row"


def is_reference(key: str, value: Any) -> bool:
    return isinstance(value, int) and (
        key.endswith("_id") or key in {"ask_buyer", "ask_referral_of"}
    )


def new_in(after: Rows, before: Rows) -> Rows:
    """What was written: rows that were not there, or not so."""
    changed = {
        name: [one for one in rows if one not in before[name]] for name, rows in after.items()
    }
    return {name: rows for name, rows in changed.items() if rows}
