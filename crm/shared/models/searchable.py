"""Rows that are found by a part of their names, or by a whole name: what is folded is kept beside, by every way of writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from crm.shared.folding import fold, key

if TYPE_CHECKING:
    from collections.abc import Sequence


class FoldedField(models.TextField):  # type: ignore[type-arg]
    """Filled as `auto_now` is: from the row's names, whenever a row is added or saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001  (as Django calls it)
        row: Any = model_instance
        row.refold()
        return str(getattr(row, self.attname))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """A plain text to migrations, whose models know no names."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


class Searchable(models.Model):
    """`FOLDED_FROM`: the fields whose change folds anew. When a related row's name changes, its action folds."""

    FOLDED_FROM: ClassVar[frozenset[str]]
    FOLDED: ClassVar[frozenset[str]] = frozenset({"folded"})  # what `refold` fills

    folded = FoldedField(default="", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's; whoever names one of the fields that are folded writes the folded text, too."""
        named = kwargs.get("update_fields")
        if named and self.FOLDED_FROM.intersection(named):
            kwargs["update_fields"] = {*named, *self.FOLDED}
        super().save(*args, **kwargs)

    def names(self) -> Sequence[str]:
        """All by which the row is found."""
        raise NotImplementedError

    def refold(self) -> None:
        self.folded = fold(*self.names())


class Keyed(Searchable):
    """Found by its whole name as well, whatever its case, accents, spacing and punctuation. Its model has the index."""

    FOLDED: ClassVar = Searchable.FOLDED | {"name_key"}

    name_key = FoldedField(default="", editable=False)

    class Meta:
        abstract = True

    def refold(self) -> None:
        super().refold()
        self.name_key = key(self.names()[0])
