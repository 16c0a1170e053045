"""A file to bring in, and what its columns mean."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.columns import COLUMNS, STEP
from crm.imports.formats import Match, missing
from crm.imports.models import Import, Question
from crm.imports.reading.limits import MOST_BYTES, refuse_size
from crm.imports.states import Answer, Kind
from crm.shared import display

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the file holds"), choices=Kind, initial=Kind.DEALS)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV or Excel (.xlsx), as it was exported. Up to 150 MB."),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(refuse_size().message)
        return file


class QuestionsForm(forms.Form):
    """What each of these is: one that is here, or a new one; blank for not decided."""

    def __init__(self, *args: Any, questions: Iterable[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for question in self.questions:
            known = [
                (str(one["id"]), " · ".join(filter(None, (one["name"], one["about"]))))
                for one in question.candidates
            ]
            self.fields[f"question_{question.pk}"] = forms.ChoiceField(
                label=_("%(name)s is") % {"name": question.said},
                choices=[("", _("Not decided")), *known, (Answer.NEW.value, _("A new one"))],
                required=False,
                initial=str(question.same_as or question.answer),
                disabled=question.taken_up_by_id is not None,
            )

    @property
    def answers(self) -> Mapping[int, str]:
        """By question, as `deciding.decide` takes them; of those that can still be decided."""
        return {
            question.pk: self.cleaned_data[f"question_{question.pk}"]
            for question in self.questions
            if question.taken_up_by_id is None
        }

    def rows(self) -> list[tuple[Question, forms.BoundField]]:
        """Each question with its field, for the page."""
        return [(question, self[f"question_{question.pk}"]) for question in self.questions]


class SheetForm(forms.Form):
    """Which sheet of a workbook is meant."""

    def __init__(self, *args: Any, job: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, name) for name in job.sheets]
        self.fields["sheet"] = forms.ChoiceField(
            label=_("Sheet"), choices=choices, initial=job.sheet
        )


WAYS = {  # how a column in doubt can be written
    "dates": [
        (values.DAY_FIRST, _("Day first: 31/12")),
        (values.MONTH_FIRST, _("Month first: 12/31")),
    ],
    "mark": [
        (values.POINT, _("Decimal point: 1,234.50")),
        (values.COMMA, _("Decimal comma: 1.234,50")),
    ],
}


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
            if doubt := Match(**match).doubt:
                self.fields[f"{doubt}_{index}"] = forms.ChoiceField(
                    label=_("%(column)s: written as") % {"column": match["column"]},
                    choices=WAYS[doubt],
                    required=False,
                    initial=match[doubt],
                )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [field for name, field in cleaned.items() if field and name.startswith("column_")]
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

    @property
    def written(self) -> Mapping[str, Mapping[str, str]]:
        """How the columns in doubt are written, as it was chosen."""
        return {
            match["column"]: {
                way: self.cleaned_data[f"{way}_{index}"]
                for way in WAYS
                if self.cleaned_data.get(f"{way}_{index}")
            }
            for index, match in enumerate(self.job.mapping)
        }

    @property
    def all_begin(self) -> bool:
        """Whether these are deals of which no column says how far they are, and none could."""
        matches = [Match(**match) for match in self.job.mapping]
        is_told = any(match.field in STEP for match in matches)
        return self.job.kind == Kind.DEALS and not is_told and not missing(Kind.DEALS, matches)

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField | None, str]]:
        """Each column's field, the way it is written where that is in doubt, and how sure it is of what, for the page."""
        return [
            (
                self[f"column_{index}"],
                next(
                    (self[f"{way}_{index}"] for way in WAYS if f"{way}_{index}" in self.fields),
                    None,
                ),
                _about(match),
            )
            for index, match in enumerate(self.job.mapping)
        ]


def _about(match: Mapping[str, Any]) -> str:
    """How sure the match of a column is, and what stands in it."""
    sure = _("%(sure)s sure") % {"sure": display.percent(match["confidence"])}
    return " · ".join([str(sure if match["field"] else _("Not recognised")), *match["samples"]])
