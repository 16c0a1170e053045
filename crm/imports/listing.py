"""A target list of the companies that an import brought in or changed (C2)."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.imports.models import Import
from crm.imports.states import ImportState, Kind
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals import policies
from deals.actions import target_lists
from deals.models import Account, Contact, Deal, TargetList

# By kind the rows that it wrote, what changes call them, and their way to the company.
WAYS: dict[str, tuple[Any, str, str]] = {
    Kind.ACCOUNTS: (Account, "account", "pk"),
    Kind.CONTACTS: (Contact, "contact", "account"),
    Kind.DEALS: (Deal, "deal", "account"),
}


def may_make(user: User, job: Import) -> bool:
    """Once it is done, and wrote companies that `user` sees, or what belongs to some."""
    return _companies(job, by=user).exists()


def make(job: Import, *, by: User) -> TargetList:
    """The list, named for the file. Raises ActionRefused when no company is for it, or `by` has a list of that name."""
    companies = _companies(job, by=by)
    if not companies.exists():
        raise ActionRefused(_("There are no companies to put on a list."))
    name = _("%(file)s, import %(number)d") % {"file": job.file_name[:150], "number": job.pk}
    return target_lists.make(by=by, name=name, source=job.file_name[:200], accounts=companies)


def _companies(job: Import, *, by: User) -> QuerySet[Account]:
    """What would stand on the list."""
    is_done = job.state == ImportState.DONE and not job.dry_run
    if not is_done or job.kind not in WAYS or not policies.may_work(by):
        return Account.objects.none()
    model, thing, way = WAYS[job.kind]
    written = job.changes.filter(thing=thing).values("row_id")
    companies = model._default_manager.filter(pk__in=written).values(way)
    return Account.objects.visible_to(by).current().filter(pk__in=companies)
