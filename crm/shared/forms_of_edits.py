"""Editing what others may edit, too: a stale form keeps what was typed and takes over what was not touched."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.db import models
    from django.forms.boundfield import BoundField
    from django.utils.safestring import SafeString

    from crm.shared.models import User


@dataclasses.dataclass(frozen=True)
class Difference:
    """One field that somebody else changed: what it was when the form was opened, is now, and will be by this form."""

    label: str
    was: str
    now: str
    mine: str


class Edit(forms.Form):
    """A form over a versioned row: it carries the version that was read, and what each field said then.

    It is made from `(data, user=…, instance=…)`, and says at the end of its making what it is over.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)

    def is_over(self, row: Any, *, user: User) -> None:
        """Over `row`; without one the form adds a row, and there is nothing to be carried."""
        self.user = user
        self.differences: list[Difference] = []
        if row is None:
            del self.fields["version"]
            return
        self.fields["version"].initial = row.version
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def own_fields(self) -> list[BoundField]:
        return [field for field in self if field.name != "version"]

    def first_values(self) -> list[SafeString]:
        """Hidden inputs with what the fields said when the form was opened."""
        return [field.as_hidden(only_initial=True) for field in self.own_fields()]

    def over(self, row: models.Model) -> Self:
        """This form again, over a newer `row`: what was typed stays, the untouched fields say what the row says now."""
        make: Any = type(self)
        fresh: Self = make(instance=row, user=self.user)
        data: dict[str, Any] = {"version": str(fresh.fields["version"].initial)}
        differences = []
        for mine, theirs in zip(self.own_fields(), fresh.own_fields(), strict=True):
            first, now = _sent(self, mine, first=True), _plain(theirs, theirs.initial)
            kept = _sent(self, mine) if mine.name in self.changed_data else now
            data |= {mine.html_name: kept, mine.html_initial_name: now}
            if now != first:
                was, is_now, will_be = (_words(theirs, value) for value in (first, now, kept))
                differences.append(Difference(str(mine.label), was, is_now, will_be))
        again: Self = make(data, instance=row, user=self.user)
        again.differences = differences
        return again

    def changes(self) -> dict[str, Any]:
        """What goes to the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class VersionedForm(Edit, forms.ModelForm):  # type: ignore[type-arg]
    """The same over the row of a model form."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_over(self.instance if self.instance.pk else None, user=user)


def _sent(form: forms.BaseForm, field: BoundField, *, first: bool = False) -> str | list[str]:
    """What the browser sent for a field: typed, or, `first`, what it said when the form was opened."""
    name = field.html_initial_name if first else field.html_name
    if _is_several(field):
        return _plain(field, field.field.widget.value_from_datadict(form.data, form.files, name))
    return _plain(field, form.data.get(name))


def _plain(field: BoundField, value: Any) -> str | list[str]:
    if isinstance(field.field, forms.BooleanField):
        return "on" if field.field.to_python(value) else ""
    shown = field.field.widget.format_value(field.field.prepare_value(value))
    if _is_several(field):
        return sorted(shown)
    if isinstance(shown, list | tuple):
        shown = shown[0] if shown else ""
    return str(shown or "").strip().replace("\r\n", "\n")


def _is_several(field: BoundField) -> bool:
    return isinstance(field.field, forms.ModelMultipleChoiceField)


def _words(field: BoundField, value: str | list[str]) -> str:
    """`value` as a person reads it: the name of a choice, else itself."""
    if isinstance(field.field, forms.BooleanField):
        return _("yes") if value else _("no")
    choices = getattr(field.field, "choices", None)
    names = {str(key): str(label) for key, label in choices or ()}
    if isinstance(value, list):
        return ", ".join(names.get(one, one) for one in value)
    return names.get(value, value) if value else ""
