"""Migrations: none missing, named by hand, with a way back."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from tests.rules.house import APPS

pytestmark = pytest.mark.django_db


def our_migrations():
    loader = MigrationLoader(None)
    for (label, name), migration in loader.disk_migrations.items():
        if type(migration).__module__.split(".")[0] in APPS:
            yield f"{label}.{name}", migration


def test_no_migration_is_missing():
    output = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=output)

    assert output.getvalue() == "No changes detected\n"


def test_migrations_are_named_by_hand():
    assert [name for name, _ in our_migrations() if "_auto_" in name] == []


def test_migrations_that_move_data_have_a_way_back():
    one_way = [
        name
        for name, migration in our_migrations()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]

    assert one_way == []
