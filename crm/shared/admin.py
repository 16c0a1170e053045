"""People and teams for the operator: the one place where they are added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from crm.shared import organisation
from crm.shared.models import EventRecord, OutgoingMail, Suppression, Team, User
from crm.shared.policies import allows
from crm.shared.read_only import ReadOnlyAdmin
from crm.shared.roles import Permission
from crm.shared.views.mixins import signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest

admin.site.site_header = admin.site.site_title = _("Rebound, for the operator")
admin.site.unregister([Group, EmailAddress])  # of packages: roles and addresses are ours


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody and their teams; `by` is who fills it in."""

    by: User
    teams = forms.ModelMultipleChoiceField(Team.objects.none(), required=False, label=_("teams"))
    password = forms.CharField(
        label=_("new password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty: a new person sets their own by “Forgotten?”, others keep theirs."),
    )

    class Meta:
        model = User
        fields = sorted(organisation.PERSON_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["teams"]
        teams.queryset = Team.objects.visible_to(self.by).order_by("path")
        if self.instance.pk:
            self.initial["teams"] = [one.team_id for one in self.instance.memberships.all()]

    def clean_is_active(self) -> bool:
        is_active = bool(self.cleaned_data["is_active"])
        if self.instance.pk == self.by.pk and not is_active:
            raise forms.ValidationError(_("Nobody switches themselves off."))
        return is_active

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("Not known: write it as Europe/Rome."))
        return zone

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if password:
            validate_password(password, self.instance)
        return password


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ("name", "parent", "review_threshold")

    def clean_parent(self) -> Team | None:
        parent: Team | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent.path.startswith(self.instance.path):
            raise forms.ValidationError(_("A team cannot stand below itself."))
        return parent


class WrittenByActions(ReadOnlyAdmin):
    """Added and changed by administrators, through the actions that `save_model` of the subclass calls."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return allows(request.user, Permission.ADMINISTER)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return allows(request.user, Permission.ADMINISTER)


@admin.register(User)
class PersonAdmin(WrittenByActions):
    form = PersonForm
    list_display = ("name", "email", "role", "is_active", "is_staff")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    fields = (
        "name", "email", "role", "teams", "password", "is_active", "is_staff", "language",
        "time_zone", "country", "commission_percent",
    )  # fmt: skip

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.by = signed_in(request)
        return form

    def save_model(self, request: HttpRequest, obj: User, form: PersonForm, change: bool) -> None:  # noqa: FBT001
        facts, by = form.cleaned_data, signed_in(request)
        if change:
            organisation.edit_person(obj, by=by, **facts)
        else:
            obj.pk = organisation.add_person(by=by, **facts).pk


@admin.register(Team)
class TeamAdmin(WrittenByActions):
    form = TeamForm
    list_display = ("name", "parent", "review_threshold")
    search_fields = ("name",)

    def save_model(self, request: HttpRequest, obj: Team, form: TeamForm, change: bool) -> None:  # noqa: FBT001
        facts, by = form.cleaned_data, signed_in(request)
        if change:
            organisation.edit_team(obj, by=by, **facts)
        else:
            obj.pk = organisation.add_team(by=by, **facts).pk


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("at", "name", "actor", "deal_id", "subject_kind", "subject_id")
    list_filter = ("name",)
    search_fields = ("=deal_id",)
    ordering = ("-pk",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("due_at", "state", "audience", "subject", "to_address", "attempts")
    list_filter = ("state", "audience")
    search_fields = ("=normal_address",)
    exclude = ("message",)
    ordering = ("-pk",)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("address", "scope", "why", "since")
    search_fields = ("=address",)
