"""Roles, permissions, and which role has which."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    REP = "rep", _("Rep")
    MANAGER = "manager", _("Manager")
    VIEWER = "viewer", _("Viewer")
    ADMIN = "admin", _("Administrator")


class Permission(models.TextChoices):
    """What a role may do at a door. Which rows it may do it to is `visible_to(user)`."""

    WORK_DEALS = "work_deals", _("work on deals: touches, closings, reviews, referral asks")
    SEE_DEALS = "see_deals", _("see single deals and the people on them")
    SEE_REPORTS = "see_reports", _("see reports")
    SET_RULES = "set_rules", _("set stop rules and goals")
    CORRECT_CLOSINGS = "correct_closings", _("undo and correct other people's closings")
    IMPORT = "import", _("import data")
    ERASE = "erase", _("erase people for good")
    ADMINISTER = "administer", _("people, teams, stages, reasons, integrations")


PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.REP: frozenset(
        {Permission.WORK_DEALS, Permission.SEE_DEALS, Permission.SEE_REPORTS, Permission.IMPORT}
    ),
    Role.MANAGER: frozenset(
        {
            Permission.WORK_DEALS,
            Permission.SEE_DEALS,
            Permission.SEE_REPORTS,
            Permission.SET_RULES,
            Permission.CORRECT_CLOSINGS,
            Permission.IMPORT,
            Permission.ERASE,
        }
    ),
    Role.VIEWER: frozenset({Permission.SEE_REPORTS}),
    Role.ADMIN: frozenset(Permission),
}
