"""Forms of the people and teams that an administrator sets up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.shared.forms_of_edits import Edit
from crm.shared.models import Team, User
from crm.shared.roles import Role


class PersonForm(Edit):
    """Where somebody stands, and what they earn."""

    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.REP)
    commission_percent = forms.DecimalField(
        label=_("Commission, % of a won deal"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: User, instance: User | None = None, **kwargs: Any) -> None:
        if instance is not None:
            kwargs["initial"] = {
                "name": instance.name,
                "role": instance.role,
                "commission_percent": instance.commission_percent,
                "teams": list(instance.memberships.values_list("team_id", flat=True)),
            }
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["teams"]
        teams.queryset = Team.objects.visible_to(user)
        self.is_over(instance, user=user)


class InviteForm(PersonForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ("name", "email")


class LeaveForm(forms.Form):
    """Who takes over."""

    heirs = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Everything of theirs goes to"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several share it evenly; a company with its people and deals goes to one."),
    )

    def __init__(self, *args: Any, user: User, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.visible_to(user).active().exclude(pk=person.pk)
        heirs: Any = self.fields["heirs"]
        heirs.queryset = others.exclude(role=Role.VIEWER)


class TeamForm(Edit):
    name = forms.CharField(label=_("Name"), max_length=200)
    parent = forms.ModelChoiceField(
        Team.objects.none(), label=_("Below"), required=False, empty_label=_("At the top")
    )

    def __init__(self, *args: Any, user: User, instance: Team | None = None, **kwargs: Any) -> None:
        if instance is not None:
            kwargs["initial"] = {"name": instance.name, "parent": instance.parent_id}
        super().__init__(*args, **kwargs)
        others = Team.objects.visible_to(user)
        if instance is not None:
            others = others.exclude(path__startswith=instance.path)
        parent: Any = self.fields["parent"]
        parent.queryset = others
        self.is_over(instance, user=user)
