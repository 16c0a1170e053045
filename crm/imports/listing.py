"""A target list of the companies that an import brought in or changed (C2)."""

from typing import Any

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
    """Once it is done, and wrote companies or what belongs to some."""
    wrote = job.counts["created"] or job.counts["updated"]
    is_done = job.state == ImportState.DONE and not job.dry_run
    return bool(is_done and wrote and job.kind in WAYS and policies.may_work(user))


def make(job: Import, *, by: User) -> TargetList:
    """The list, named for the file. Raises ActionRefused when there is nothing for it, or it was made already."""
    if not may_make(by, job):
        raise ActionRefused(_("There are no companies to put on a list."))
    model, thing, way = WAYS[job.kind]
    written = job.changes.filter(thing=thing).values("row_id")
    companies = model._default_manager.filter(pk__in=written).values(way)
    name = _("%(file)s, import %(number)d") % {"file": job.file_name[:150], "number": job.pk}
    return target_lists.make(
        by=by,
        name=name,
        source=job.file_name[:200],
        accounts=Account.objects.visible_to(by).current().filter(pk__in=companies),
    )
