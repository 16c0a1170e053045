"""One measurement, and the page that shows them all."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """Ours against the reference, in the same `unit` ("ms" or "rows/s").

    `budget` is the ratio of quality.md, None where it has none; at or below `enough` ms the ratio does not matter.
    """

    job: str
    size: int
    ours: float
    reference: float
    unit: str
    budget: float | None
    enough: float | None = None
    queries: int | None = None
    most_queries: int | None = None
    is_read_whole: bool = False  # a plan reads a table from end to end that it should not
    note: str = ""

    def summary(self, *, job: str, queries: int, note: str) -> Self:
        """This one in the name of several: `queries` is the most of them."""
        note = f"{note}; worst: {self.job}"
        return dataclasses.replace(self, job=job, queries=queries, note=note)

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def holds(self) -> bool:
        """Times stay at or below their budget, rates at or above, and queries at or below theirs."""
        if self.most_queries is not None and (self.queries or 0) > self.most_queries:
            return False
        if self.is_read_whole:
            return False
        if self.budget is None or (self.enough is not None and self.ours <= self.enough):
            return True
        return self.ratio >= self.budget if self.unit.endswith("/s") else self.ratio <= self.budget

    @property
    def budgets(self) -> str:
        """What it has to keep to, in words."""
        sign = "≥" if self.unit.endswith("/s") else "≤"
        parts = [f"{sign} {self.budget:g} ×"] if self.budget is not None else []
        parts += [f"or ≤ {self.enough:g} {self.unit}"] if self.enough is not None else []
        parts += [f"≤ {self.most_queries} queries"] if self.most_queries is not None else []
        return ", ".join(parts)


def write(path: Path, found: Sequence[Measured], versions: Mapping[str, str]) -> None:
    """The figures as a page, worst first within each job."""
    lines = [
        "# Where we stand",
        "",
        f"Written by `make bench` on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}. "
        + ", ".join(f"{k} {v}" for k, v in versions.items())
        + ".",
        "Both sides of a ratio were measured in the same run on the same data; medians. Bare figures say little about another machine.",
        "",
        "| job | deals | ours | plain SQL | ratio | budget | holds | queries | note |",
        "|---|--:|--:|--:|--:|--:|---|--:|---|",
    ]
    lines += [
        f"| {one.job} | {one.size:,} | {one.ours:,.1f} {one.unit} | {one.reference:,.1f} {one.unit}"
        f" | {one.ratio:.2f} | {one.budgets} | {'yes' if one.holds else '**no**'}{', reads all deals' if one.is_read_whole else ''}"
        f" | {'–' if one.queries is None else one.queries} | {one.note} |"
        for one in sorted(found, key=lambda one: (one.job, one.size))
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
