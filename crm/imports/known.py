"""Companies and people that cells name: those of a batch are read at once, and kept for the next ones."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

R = TypeVar("R")
K = TypeVar("K", bound=Any)


class Known(Generic[R]):
    """Rows by one of their names. `mark` makes alike what is the same name; `read` finds rows by marks, given with the cells.

    Memory is that of the names in a few batches, however many rows there are.
    """

    def __init__(
        self, *, mark: Callable[[str], str], read: Callable[[Mapping[str, str]], Mapping[str, R]]
    ) -> None:
        self._mark, self._read = mark, read
        self._found: dict[str, R] = {}
        self._asked: set[str] = set()

    def __len__(self) -> int:
        return len(self._asked)

    def look_up(self, cells: Iterable[str]) -> None:
        """Read what these cells name, as far as nobody asked for it before."""
        new = {mark: cell for cell in cells if (mark := self._mark(cell)) not in self._asked}
        new.pop("", None)
        if new:
            self._asked.update(new)
            self._found.update(self._read(new))

    def get(self, cell: str) -> R | None:
        """Whom or what a cell names; one that was not looked up costs statements of its own."""
        mark = self._mark(cell)
        if mark not in self._asked:
            self.look_up([cell])
        return self._found.get(mark)

    def keep(self, cell: str, row: R) -> None:
        """From now on this row is what the cell names."""
        mark = self._mark(cell)
        self._asked.add(mark)
        self._found[mark] = row

    def forget(self) -> None:
        """Read anew what is asked from now on."""
        self._found.clear()
        self._asked.clear()


def by_ids(rows: Iterable[K], *, own: Mapping[str, int]) -> dict[str, K]:
    """Rows by their id from elsewhere, and by each cell that names them by ours: `own` is cell to id."""
    of_pk = {row.pk: row for row in rows}
    theirs = {row.external_id: row for row in of_pk.values() if row.external_id}
    return theirs | {cell: of_pk[pk] for cell, pk in own.items() if pk in of_pk}
