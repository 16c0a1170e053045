"""A file to bring in, and what its columns mean."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.imports.formats import COLUMNS
from crm.imports.models import Import
from crm.imports.states import Kind


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the file holds"), choices=Kind, initial=Kind.DEALS)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with a header line; any encoding; comma, semicolon or tab. Up to 150 MB."),
    )


class MappingForm(forms.Form):
    """One choice for each column of the file."""

    def __init__(self, *args: Any, job: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.job = job
        choices: list[tuple[str, Any]] = [("", _("Keep beside the record"))]
        choices += [(field, field.replace("_", " ").capitalize()) for field in COLUMNS[job.kind]]
        for index, match in enumerate(job.mapping):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=match["column"], choices=choices, required=False, initial=match["field"]
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [field for field in cleaned.values() if field]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("Two columns mean the same field: choose one of them."))
        return cleaned

    @property
    def mapping(self) -> Mapping[str, str]:
        """Column to field, as it was chosen."""
        return {
            match["column"]: self.cleaned_data[f"column_{index}"]
            for index, match in enumerate(self.job.mapping)
        }

    def rows(self) -> list[tuple[forms.BoundField, dict[str, Any]]]:
        """Each column's field with its match, for the page."""
        return [(self[f"column_{index}"], match) for index, match in enumerate(self.job.mapping)]
