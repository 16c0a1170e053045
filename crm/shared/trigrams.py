"""Trigram indexes, so that a part of a word is found without reading every row. PostgreSQL only; migrations skip them elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.operations import TrigramExtension
from django.db import DatabaseError, migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ASK = """The search needs the PostgreSQL extension pg_trgm, and this database user may not add it (or it is not installed).

Ask whoever runs the database to do this once, as its owner or a superuser, and then migrate again:

    CREATE EXTENSION IF NOT EXISTS pg_trgm;     -- in the database {database}

It comes with PostgreSQL; on Debian and Ubuntu it is in the package postgresql-contrib where it is missing.
The database said: {error}"""


class ExtensionMissing(DatabaseError):
    """Says what to do, in place of a bare "permission denied"."""


class Trigrams(TrigramExtension):
    """Adds the extension where it is not there yet, or says how to. Going back leaves it: others may use it."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        try:
            super().database_forwards(app_label, schema_editor, *states)
        except DatabaseError as error:
            database = schema_editor.connection.settings_dict["NAME"]
            raise ExtensionMissing(ASK.format(database=database, error=error)) from error

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Nothing to do."""


class TrigramIndex(migrations.RunPython):
    """An index `name` over a column of text of `table`."""

    def __init__(self, name: str, *, table: str, column: str) -> None:
        build = f"CREATE INDEX {name} ON {table} USING gin ({column} gin_trgm_ops)"
        super().__init__(on_postgresql(build), on_postgresql(f"DROP INDEX {name}"))


class BeginningIndex(migrations.RunPython):
    """An index `name` over the first `length` characters of a column of text of `table`: for what begins so."""

    def __init__(self, name: str, *, table: str, column: str, length: int) -> None:
        build = f"CREATE INDEX {name} ON {table} (left({column}, {length}) text_pattern_ops)"
        super().__init__(on_postgresql(build), on_postgresql(f"DROP INDEX {name}"))


def on_postgresql(statement: str) -> Any:
    """A step of a migration that other databases leave out."""

    def run(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return run
