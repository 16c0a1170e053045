"""Forms of what is done to many deals at once: each says which values its verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.shared.models import User
from deals.forms.closing import DisqualifyForm, LoseForm, words
from deals.models import LossReason, Product, Segment, Stage, TargetList
from deals.states import BulkVerb, Phase

if TYPE_CHECKING:
    from collections.abc import Mapping


class BulkForm(forms.Form):
    """The values of a verb, as plain values that a job keeps."""

    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_for(user)

    def choose_for(self, user: User) -> None:
        """Offer what `user` may choose."""

    def values(self) -> dict[str, Any]:
        """What was chosen, by name; a row by its id."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "next"}
        return {name: getattr(value, "pk", value) for name, value in said.items()}


class BulkLoseForm(BulkForm):
    """One reason for all; each deal follows the reason's playbook."""

    reason = LoseForm.base_fields["reason"]
    note = words(_("Note"), rows=2)

    def choose_for(self, user: User) -> None:
        reasons: Any = self.fields["reason"]
        reasons.queryset = LossReason.objects.visible_to(user).choosable()

    def clean(self) -> dict[str, Any]:
        reason = self.cleaned_data.get("reason")
        if reason and reason.needs_note and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("Say in a few words what it was."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"reason": said["reason"].slug, "note": said["note"]}


class BulkDisqualifyForm(BulkForm):
    disqualified_as = DisqualifyForm.base_fields["disqualified_as"]
    note = words(_("Note"), rows=2)


class BulkOwnerForm(BulkForm):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("New owner"))

    def choose_for(self, user: User) -> None:
        owners: Any = self.fields["owner"]
        owners.queryset = User.objects.visible_to(user).active()


class BulkStageForm(BulkForm):
    stage = forms.ModelChoiceField(Stage.objects.none(), label=_("New stage"))

    def choose_for(self, user: User) -> None:
        stages: Any = self.fields["stage"]
        stages.queryset = Stage.objects.visible_to(user).current().exclude(phase=Phase.ORDER)


class BulkProductForm(BulkForm):
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, empty_label=_("No product")
    )

    def choose_for(self, user: User) -> None:
        products: Any = self.fields["product"]
        products.queryset = Product.objects.visible_to(user).current()


class BulkTargetListForm(BulkForm):
    target_list = forms.ModelChoiceField(
        TargetList.objects.none(),
        label=_("Target list"),
        required=False,
        empty_label=_("No target list"),
    )

    def choose_for(self, user: User) -> None:
        lists: Any = self.fields["target_list"]
        lists.queryset = TargetList.objects.visible_to(user).current()


class BulkSegmentForm(BulkForm):
    """A segment is of accounts, by its criteria; by hand the accounts of the deals are put in, or no longer."""

    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        label=_("Segment"),
        help_text=_("The accounts of these deals belong to it, whatever its criteria say."),
    )
    take_out = forms.BooleanField(
        label=_("Take them out again"),
        required=False,
        help_text=_("Only what was put in by hand: who fits the criteria stays."),
    )

    def choose_for(self, user: User) -> None:
        segments: Any = self.fields["segment"]
        segments.queryset = Segment.objects.visible_to(user).current()


BULK_FORMS: Mapping[str, type[BulkForm]] = {
    BulkVerb.LOSE: BulkLoseForm,
    BulkVerb.DISQUALIFY: BulkDisqualifyForm,
    BulkVerb.OWNER: BulkOwnerForm,
    BulkVerb.STAGE: BulkStageForm,
    BulkVerb.PRODUCT: BulkProductForm,
    BulkVerb.TARGET_LIST: BulkTargetListForm,
    BulkVerb.SEGMENT: BulkSegmentForm,
}
