"""What a database should know of columns that go together: else it guesses that every status is as frequent in every
stage, and looks through an index for rows that are not there. PostgreSQL only; migrations skip it elsewhere.
"""

from __future__ import annotations

from django.db import migrations

from crm.shared.trigrams import on_postgresql


class Together(migrations.RunPython):
    """Keep count of how often the values of these columns of `table` come together, under the name `name`."""

    def __init__(self, name: str, *, table: str, columns: str) -> None:
        keep = f"CREATE STATISTICS {name} (mcv) ON {columns} FROM {table}"
        super().__init__(on_postgresql(keep), on_postgresql(f"DROP STATISTICS {name}"))
