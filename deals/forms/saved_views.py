"""The form of a saved view."""

from django import forms

from deals.models import SavedView


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """Its name, with whom it is shared, whether the pipeline opens with it."""

    class Meta:
        model = SavedView
        fields = ("name", "shared_with", "is_default")
