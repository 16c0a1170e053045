"""Forms of target lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.shared.forms_of_edits import VersionedForm
from crm.shared.querysets import owned_by_visible
from deals.forms.deal import offer, owners_for
from deals.models import TargetList

if TYPE_CHECKING:
    from crm.shared.models import User


class FillForm(forms.ModelForm):  # type: ignore[type-arg]
    """Accounts go on a list that is there, or on a new one that is named."""

    target_list = forms.ModelChoiceField(
        TargetList.objects.none(),
        label=_("Put them on"),
        required=False,
        empty_label=_("a new list"),
    )

    class Meta:
        model = TargetList
        fields = ("name", "source", "criteria")

    field_order = ("target_list", "name", "source", "criteria")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists: Any = self.fields["target_list"]
        lists.queryset = TargetList.objects.current().filter(owned_by_visible(user))
        self.fields["name"].required = False
        self.fields["name"].label = _("Name of the new list")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("target_list") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Name the new list, or choose one that is there."))
        return data

    def facts(self) -> dict[str, Any]:
        """What is said of a new list."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class TargetListForm(VersionedForm):
    class Meta:
        model = TargetList
        fields = ("name", "owner", "source", "criteria")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offer(self, "owner", owners_for(user))
