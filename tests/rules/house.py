"""The files of the house, for tests that read its source."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "deals", "followups", "reviews", "referrals")


def files(*folders: str, kinds: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    """Files of these kinds below the folders, migrations left out: they are written once."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in kinds and "migrations" not in path.parts:
                yield path


def doors() -> Iterator[Path]:
    """Where people, programs and the worker come in: they ask policies and call one action."""
    for path in files(*APPS):
        role = {path.stem, *path.parts}
        if role & {"views", "public_views", "api", "tasks", "admin", "panels"}:
            yield path


def lines_with(pattern: str, paths: Iterable[Path]) -> list[str]:
    """Each place where the pattern stands, as "deals/views/deal.py:12: the line"."""
    wanted = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if wanted.search(line)
    ]
