"""Deals and what belongs to them, for the operator to look up."""

from django.contrib import admin

from crm.shared.read_only import ReadOnlyAdmin
from deals.models import (
    Account,
    Competitor,
    Contact,
    Deal,
    LossReason,
    Outcome,
    Product,
    Stage,
    Stakeholder,
)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "country", "archived_at")
    list_select_related = ("owner",)
    search_fields = ("name", "=external_id")


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "email", "do_not_contact")
    list_select_related = ("account",)
    search_fields = ("name", "=email", "=external_id")


@admin.register(Deal)
class DealAdmin(ReadOnlyAdmin):
    list_display = ("title", "account", "owner", "stage", "status", "amount", "currency")
    list_filter = ("status", "stage")
    list_select_related = ("account", "owner", "stage")
    search_fields = ("title", "=external_id")


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("deal", "kind", "reason", "at", "by", "automatic", "undone_at")
    list_filter = ("kind", "reason", "automatic")
    list_select_related = ("deal", "reason", "by")


@admin.register(Stakeholder)
class StakeholderAdmin(ReadOnlyAdmin):
    list_display = ("deal", "contact", "role", "stance", "met")
    list_select_related = ("deal", "contact")


@admin.register(Stage)
class StageAdmin(ReadOnlyAdmin):
    list_display = ("name", "phase", "position", "probability", "stuck_after_days")


@admin.register(LossReason)
class LossReasonAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "control", "position", "is_system", "archived_at")


@admin.register(Product, Competitor)
class CatalogueAdmin(ReadOnlyAdmin):
    list_display = ("name", "archived_at")
    search_fields = ("name",)
