"""Which list goes out, and as what."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.exports.states import FileFormat, Kind


class ExportForm(forms.Form):
    """`query` holds the filters of the list that the person came from."""

    kind = forms.ChoiceField(label=_("What to take out"), choices=Kind, initial=Kind.DEALS)
    file_format = forms.ChoiceField(label=_("As"), choices=FileFormat, initial=FileFormat.CSV)
    query = forms.CharField(required=False, widget=forms.HiddenInput)
