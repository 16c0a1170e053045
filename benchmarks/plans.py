"""What the database would do: whether a statement reads a table from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.clock import raw_cursor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def reads_whole(table: str, statements: Sequence[tuple[str, Any]]) -> bool:
    """Whether the plan of one of these statements scans `table` sequentially."""
    return any(
        node["Node Type"] == "Seq Scan" and node.get("Relation Name") == table
        for statement in statements
        for node in _nodes(_plan(*statement))
    )


def _plan(sql: str, params: Any) -> dict[str, Any]:
    with raw_cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
        return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
