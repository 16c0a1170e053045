"""Many at once: up to 1,000 items, all or nothing, or with `?partial=true` a result for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from crm.shared.api.fields import LARGEST_ID, Reference
from crm.shared.api.problems import field_errors
from crm.shared.api.serializers import Body
from crm.shared.batches import Saved

if TYPE_CHECKING:
    from django.db.models import Model
    from rest_framework.request import Request

MOST = 1000
PARTIAL = {
    "partial": (
        {"type": "boolean", "default": False},
        "A result for each item instead of all or nothing.",
    )
}

Save = Callable[..., Sequence[Saved]]  # (rows, partial=…)


class ItemError(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="RFC 6901, within the item.")
    detail = serializers.CharField()


class ItemResult(serializers.Serializer[Any]):
    """What became of one item, in the order in which they came."""

    index = serializers.IntegerField()
    result = serializers.ChoiceField(choices=["created", "updated", "unchanged", "refused"])
    id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    errors = ItemError(many=True)  # type: ignore[assignment]  # the base has a property of that name


class BulkShown(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = ItemResult(many=True)


def bulk_body(item: type[Body]) -> type[Body]:
    """The body `{"items": […]}` of `item`, for the description."""
    name = item.__name__.removesuffix("Body") + "Items"
    kind: Any = item
    fields = {"items": kind(many=True, allow_empty=False, max_length=MOST)}
    return type(
        name, (Body,), fields | {"__doc__": f"Up to {MOST} at once.", "__module__": item.__module__}
    )


def save_in_bulk(request: Request, item: type[Body], save: Save) -> dict[str, Any]:
    """Validate the items with a fixed number of queries, save them in one action, and say what became of each.

    Raises ValidationError (400) naming the items that are not right, unless the request asks for `?partial=true`.
    """
    partial = _wants_partial(request)
    items = _items(request.data)
    context = {"request": request, "rows": _rows(items, item, request)}
    bodies = [item(data=each, context=context) for each in items]
    wrong = {place: body.errors for place, body in enumerate(bodies) if not body.is_valid()}
    if wrong and not partial:
        raise ValidationError({"items": {str(place): errors for place, errors in wrong.items()}})
    right = [place for place in range(len(items)) if place not in wrong]
    saved = save([bodies[place].validated_data for place in right], partial=partial)
    results = [_refused(place, field_errors(errors)) for place, errors in wrong.items()]
    results += [_result(place, one) for place, one in zip(right, saved, strict=True)]
    results.sort(key=lambda result: result["index"])
    counts = {kind: sum(result["result"] == kind for result in results) for kind in Saved.KINDS}
    return counts | {"results": results}


def _wants_partial(request: Request) -> bool:
    given = request.query_params.get("partial", "false")
    if given not in {"true", "false"}:
        raise ValidationError({"partial": [_("true or false.")]})
    return bool(given == "true")


def _items(data: Any) -> list[Any]:
    if (
        not isinstance(data, Mapping)
        or data.keys() != {"items"}
        or not isinstance(data["items"], list)
    ):
        raise ValidationError(
            {"items": [_("Give an object with a list of items, and nothing else.")]}
        )
    if not 1 <= len(data["items"]) <= MOST:
        raise ValidationError({"items": [_("From 1 to %(most)d items.") % {"most": MOST}]})
    found: list[Any] = data["items"]
    return found


def _rows(
    items: Sequence[Any], item: type[Body], request: Request
) -> dict[type[Model], dict[int, Model]]:
    """Every row that the items name, one query a model: only what the asking person sees."""
    rows: dict[type[Model], dict[int, Model]] = {}
    for name, field in item().fields.items():
        if isinstance(field, Reference) and not field.read_only:
            model: Any = field.model
            ids = {
                each.get(name)
                for each in items
                if isinstance(each, Mapping) and _is_id(each.get(name))
            }
            visible = model._default_manager.visible_to(request.user)
            rows.setdefault(model, {}).update(visible.in_bulk(ids) if ids else {})
    return rows


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _result(place: int, saved: Saved) -> dict[str, Any]:
    if saved.refusal is not None:
        errors = field_errors(saved.refusal.fields) or [
            {"pointer": "", "detail": str(saved.refusal.message)}
        ]
        return _refused(place, errors)
    thing = saved.thing
    return {
        "index": place,
        "result": saved.kind,
        "id": thing.pk,
        "external_id": thing.external_id,
        "errors": [],
    }


def _refused(place: int, errors: list[dict[str, str]]) -> dict[str, Any]:
    return {"index": place, "result": "refused", "id": None, "external_id": None, "errors": errors}
