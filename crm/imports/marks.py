"""The signs by which companies and people that were here before are found again (`deals.duplicates`)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Any

from crm.imports.formats import compact
from crm.shared.models import User
from deals import duplicates
from deals.models import Account, Contact

MOST = 6  # rows with one mark that are looked at: enough to know that there are several


class Marks:
    """Which rows bear a mark. Only hashes are kept: what is here may be many times what a file holds."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._more: dict[int, list[int]] = defaultdict(list)

    def add(self, row_id: int, mark: Hashable) -> None:
        key = hash(mark)
        if self._first.setdefault(key, row_id) != row_id and len(self._more[key]) < MOST:
            self._more[key].append(row_id)

    def bearing(self, mark: Hashable) -> list[int]:
        """The ids of the rows with this mark, a few."""
        key = hash(mark)
        first = self._first.get(key)
        return [] if first is None else [first, *self._more.get(key, ())]


class Directory:
    """The companies, or the people, that `by` sees and that were here at `before`, by their marks."""

    def __init__(self, model: type[Account | Contact], *, by: User | None, before: dt.datetime):
        everything: Any = model._default_manager.all()
        taken = everything.exclude(external_id=None).values_list("external_id", flat=True)
        self._taken = {hash(one) for one in taken.iterator()}
        self._all, self._without_id = Marks(), Marks()
        current = everything if by is None else everything.visible_to(by)
        facts = ("name", "website") if model is Account else ("name", "email", "phone", "account")
        rows = current.current().filter(created_at__lt=before).order_by("pk")
        of: Any = account_marks if model is Account else contact_marks
        for row_id, external_id, *said in rows.values_list("pk", "external_id", *facts).iterator():
            for mark in of(*said):
                self._all.add(row_id, mark)
                if external_id is None:
                    self._without_id.add(row_id, mark)

    def knows(self, external_id: str | None) -> bool:
        """Whether a row, seen or not, has this id from elsewhere."""
        return external_id is not None and hash(external_id) in self._taken

    def bearing(self, marks: Iterator[Hashable], *, external_id: str | None = None) -> list[int]:
        """Rows with any of these marks. What has an id of its own is never one that has another id."""
        those = self._all if external_id is None else self._without_id
        return list(dict.fromkeys(row_id for mark in marks for row_id in those.bearing(mark)))[
            :MOST
        ]


def account_marks(name: str, website: str = "") -> Iterator[Hashable]:
    """The name as it is written, without its legal form, and the web domain."""
    key = duplicates.account_key(name, website)
    yield exact(name)
    if key.name:
        yield ("bare", key.name)
    if key.domain:
        yield ("domain", key.domain)


def exact(name: str) -> Hashable:
    return ("exact", compact(name))


def contact_marks(
    name: str, email: str = "", phone: str = "", account: int | None = None
) -> Iterator[Hashable]:
    key = duplicates.contact_key(name, email, phone, account or "")
    return duplicates.contact_marks(key)
