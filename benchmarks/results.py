"""One measurement, and the page that shows them all."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """Ours against the reference, in the same `unit` ("ms" or "rows/s"). `budget` is the ratio of quality.md."""

    job: str
    size: int
    ours: float
    reference: float
    unit: str
    budget: float
    queries: int | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def holds(self) -> bool:
        """Times stay at or below their budget, rates at or above."""
        return self.ratio >= self.budget if self.unit.endswith("/s") else self.ratio <= self.budget


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
    for one in sorted(found, key=lambda one: (one.job, one.size)):
        sign = "≥" if one.unit.endswith("/s") else "≤"
        lines.append(
            f"| {one.job} | {one.size:,} | {one.ours:,.1f} {one.unit} | {one.reference:,.1f} {one.unit}"
            f" | {one.ratio:.2f} | {sign} {one.budget:g} | {'yes' if one.holds else '**no**'}"
            f" | {'–' if one.queries is None else one.queries} | {one.note} |"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
