"""Changing many rows, each to values of its own: Django's bulk_update takes ten times as long to say so as the database to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from collections.abc import Sequence


def change_values(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> int:
    """Change rows that are there, each given as its id and the values of `names`; returns how many there were.

    The names are those of columns (`deal_id`, not `deal`), and no other column is derived from them. One statement on
    PostgreSQL, which raises DataError for a text that is too long for its column; elsewhere one for every 500.
    """
    if not rows:
        return 0
    if connection.vendor != "postgresql":
        objects = [model(**dict(zip(("id", *names), row, strict=True))) for row in rows]
        rows_of: models.QuerySet[Any] = models.QuerySet(model)
        return rows_of.bulk_update(objects, names, batch_size=500)
    of_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [of_name[name] for name in ("id", *names)]
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in fields]
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    changes = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    values = [
        [field.get_db_prep_save(value, connection) for value in some]
        for field, some in zip(fields, zip(*rows, strict=True), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS old SET {changes}"  # noqa: S608  (names of our own)
            f" FROM unnest({arrays}) AS new ({', '.join(columns)})"
            f" WHERE old.{columns[0]} = new.{columns[0]}",
            values,
        )
        return int(cursor.rowcount)


def _type(field: models.Field[Any, Any]) -> str:
    """As a value of `field` is given to PostgreSQL, which would cut a text in silence to the length of a type that has one."""
    return "text" if isinstance(field, models.CharField) else str(field.rel_db_type(connection))
