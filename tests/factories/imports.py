"""Files to import, as tests need them."""

from pathlib import Path
from typing import Any

from crm.imports import preparing, running
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared.models import User

HEADER = (
    "id,title,owner,account,product,stage,amount,created,closed,loss reason,competitor,colour\n"
)
OPEN = "D1,Ward fridges,rep@example.com,Vale,Fridge,Negotiation,1200,2026-01-05,,,,red\n"
WON = "D2,Depot,Rita Rep,Lund,Fridge,Won,900.50,2025-10-01,2025-12-01,,,\n"
LOST = (
    "D3,Reefer,rep@example.com,Vale,Sensor,Closed Lost,,2025-10-01,2025-11-20,Timing,Frostwatch,\n"
)


def file(folder: Path, text: str, *, name: str = "deals.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def prepared(path: Path, *, by: User | None, kind: str = Kind.DEALS, **fields: Any) -> Import:
    return preparing.prepare(kind=kind, stored_as=str(path), name=path.name, by=by, **fields)


def ran(
    path: Path, *, by: User | None, kind: str = Kind.DEALS, dry_run: bool = False, **fields: Any
) -> Import:
    """The import of a file, run to its end."""
    job = preparing.start(prepared(path, by=by, kind=kind, **fields), dry_run=dry_run)
    done = running.run(job.pk)
    assert done is not None
    return done


def counts(job: Import) -> tuple[int, ...]:
    """Read, created, updated, unchanged, rejected."""
    return tuple(job.counted.values())
