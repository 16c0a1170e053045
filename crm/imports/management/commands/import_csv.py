"""manage.py import_csv KIND FILE [--mapping auto|FILE] [--in-doubt …] [--dry-run]: an import, run at once."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.imports import preparing, running
from crm.imports.models import Import
from crm.imports.states import ImportState, InDoubt, Kind
from crm.shared.errors import ActionRefused

SHOWN = 20


class Command(BaseCommand):
    help = "Bring in accounts, contacts or deals from a delimited file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", default="auto", help='"auto", or a JSON file {"column": "field"}'
        )
        parser.add_argument(
            "--in-doubt",
            choices=InDoubt.values,
            default=InDoubt.ASIDE,
            help="what becomes of rows that may be here already",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything but write")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path}: no such file.")
        try:
            job = preparing.bring_in(
                kind=options["kind"],
                stored_as=str(path.resolve()),
                name=path.name,
                by=None,
                dry_run=options["dry_run"],
                mapping=_mapping(options["mapping"]),
                in_doubt=options["in_doubt"],
            )
        except ActionRefused as refusal:
            raise CommandError(refusal.message) from refusal
        self._say(running.run(job.pk) or Import.objects.get(pk=job.pk))

    def _say(self, job: Import) -> None:
        for row in job.rejected.all()[:SHOWN]:
            self.stderr.write(f"line {row.line}: {row.column} “{row.value}”: {row.why}")
        counts = ", ".join(f"{number} {name}" for name, number in job.counted.items())
        if job.state != ImportState.DONE:
            raise CommandError(f"Stopped: {job.why_failed} ({counts})")
        self.stdout.write(f"{'Dry run: ' if job.dry_run else ''}{counts}")
        for first in job.first_rows:
            said = first["why"] or " | ".join(first["cells"])
            self.stdout.write(f"line {first['line']}: {first['what']}: {said}")
        if asked := job.questions.count():
            self.stdout.write(f"To decide, as they may be here already: {asked} (see --in-doubt)")


def _mapping(option: str) -> dict[str, str] | None:
    if option == "auto":
        return None
    try:
        mapping: dict[str, str] = json.loads(Path(option).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{option}: {error}") from error
    return mapping
