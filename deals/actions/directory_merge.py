"""Two accounts, or two people, become one: chosen values, and everything that hangs on either; undone within a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import mailing, moving
from crm.shared.directory_events import DirectoryMerged, MergeUndone
from crm.shared.errors import ActionRefused
from crm.shared.models import OutgoingMail
from crm.shared.publishing import publish
from crm.shared.states import LIVE
from deals.actions import directory, pipeline
from deals.models import Account, Contact, Deal, Merge, NoContact

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm.shared.models import User

R = TypeVar("R", Account, Contact)

MARK = (
    "do_not_contact", "do_not_contact_scope", "do_not_contact_why", "do_not_contact_since"
)  # fmt: skip
CHOOSABLE = {
    "account": ("name", "owner", "industry", "country", "website", "employees"),
    "contact": (
        "name", "title", "account", "owner", "email", "phone", "language", "time_zone", "country",
        "preferred_channel", "consent", "consent_on", "consent_source",
    ),
}  # fmt: skip


@transaction.atomic
def merge(
    kept: R, gone: R, *, take: Collection[str] = (), by: User, version: int | None = None
) -> Merge:
    """Put `gone` into `kept`: the fields in `take`, and those that `kept` has not, come from `gone`, which is archived.

    What hangs on `gone` follows, in every app. A wish not to be contacted survives. Raises ActionRefused, StaleVersion.
    """
    kept, gone = _locked(kept, gone)
    pipeline.check_version(kept, version)
    kind = str(kept._meta.model_name)
    before, extra = _said(kept), kept.extra
    for name in CHOOSABLE[kind]:
        if name in take or getattr(kept, name) in (None, ""):
            setattr(kept, name, getattr(gone, name))
    kept.extra = gone.extra | kept.extra
    if isinstance(kept, Contact) and isinstance(gone, Contact):
        _keep_wish(kept, gone)
    now = timezone.now()
    gone.archived_at, gone.merged_into_id = now, kept.pk
    for row in (kept, gone):
        row.version += 1
        row.save()
    made = Merge.objects.create(
        kind=kind,
        kept_id=kept.pk,
        gone_id=gone.pk,
        before={"values": before, "extra": extra, "then": _said(kept)},
        by=by,
        at=now,
    )
    [event] = publish(
        [
            DirectoryMerged(
                actor_id=by.pk,
                row_id=kept.pk,
                gone_id=gone.pk,
                kind=kept._meta.label_lower,
                merge_id=made.pk,
            )
        ]
    )
    made.event_id = event.record_id
    made.save(update_fields=["event"])
    moving.follow([event], app="deals")
    _settle(kept, gone, by=by)
    return made


@transaction.atomic
def undo(made: Merge, *, by: User) -> Merge:
    """As it was before: both rows, and what had moved. What was changed on the one that stayed since then stays changed.

    Raises ActionRefused after 24 hours, or when it was undone already.
    """
    made = Merge.objects.select_for_update().get(pk=made.pk)
    if made.undone_at is not None:
        raise ActionRefused(_("This was undone already."))
    if timezone.now() > made.undo_ends_at:
        raise ActionRefused(_("A merge can be undone for 24 hours."))
    model: Any = apps.get_model("deals", made.kind)
    kept, gone = _locked(
        model.objects.get(pk=made.kept_id), model.objects.get(pk=made.gone_id), is_undone=True
    )
    mark = gone.do_not_contact_why if isinstance(gone, Contact) else ""
    _put_back(kept, made)
    if isinstance(kept, Contact) and not kept.refuses(NoContact.EMAIL):
        mailing.lift(kept.email, why=mark)
    gone.archived_at, gone.merged_into_id = None, None
    for row in (kept, gone):
        row.version += 1
        row.save()
    made.undone_at = timezone.now()
    made.save(update_fields=["undone_at"])
    event = MergeUndone(
        actor_id=by.pk,
        row_id=kept.pk,
        gone_id=gone.pk,
        kind=kept._meta.label_lower,
        merged_id=made.event_id or 0,
        caused_by=made.event_id,
    )
    moving.go_back(publish([event]), app="deals")
    _settle(kept, gone, by=by)
    return made


def _locked(kept: R, gone: R, *, is_undone: bool = False) -> tuple[R, R]:
    """Both rows, after the deals that hang on them; in one order, so that two who merge never wait for each other."""
    model = type(kept)
    if kept.pk == gone.pk or model is not type(gone):
        raise ActionRefused(_("Choose another one to merge with."))
    name = str(model._meta.model_name)
    list(Deal.objects.locked().filter(Q(**{f"{name}__in": [kept, gone]})).values_list("pk"))
    rows: dict[int, R] = {
        row.pk: row
        for row in model._default_manager.filter(pk__in=[kept.pk, gone.pk])
        .order_by("pk")
        .select_for_update()
    }
    directory.refuse_erased(*rows.values())
    if not is_undone and any(row.merged_into_id for row in rows.values()):
        raise ActionRefused(_("One of them was merged already."))
    return rows[kept.pk], rows[gone.pk]


def _fields(kind: str) -> list[Any]:
    model: Any = apps.get_model("deals", kind)
    names = [*CHOOSABLE[kind], *(MARK if kind == "contact" else ())]
    return [model._meta.get_field(name) for name in names]


def _said(row: Account | Contact) -> dict[str, str]:
    """The values of all that a merge may change, as text."""
    fields = _fields(str(row._meta.model_name))
    return {
        field.attname: "" if field.value_from_object(row) is None else field.value_to_string(row)
        for field in fields
    }


def _put_back(kept: Account | Contact, made: Merge) -> None:
    """What the merge changed and nobody since."""
    values, then, now = made.before["values"], made.before["then"], _said(kept)
    for field in _fields(made.kind):
        name = field.attname
        if values[name] != then[name] == now[name]:
            plain = field.target_field if field.remote_field else field
            is_empty = values[name] == "" and field.null
            setattr(kept, name, None if is_empty else plain.to_python(values[name]))
    kept.extra = made.before["extra"]


def _keep_wish(kept: Contact, gone: Contact) -> None:
    """Do-not-contact of either stands: of both, it covers both."""
    if not gone.do_not_contact:
        return
    if not kept.do_not_contact:
        for name in MARK:
            setattr(kept, name, getattr(gone, name))
        return
    if kept.do_not_contact_scope != gone.do_not_contact_scope:
        kept.do_not_contact_scope = NoContact.ALL


def _settle(kept: Account | Contact, gone: Account | Contact, *, by: User) -> None:
    """What is derived from the names and wishes of both."""
    if isinstance(kept, Account) and isinstance(gone, Account):
        directory.rename_in_search(accounts=[kept, gone])
    elif isinstance(kept, Contact) and isinstance(gone, Contact):
        waiting = OutgoingMail.objects.filter(contact_id=gone.pk, state__in=sorted(LIVE))
        if gone.merged_into_id:
            waiting.filter(claim_token=None).update(contact_id=kept.pk)
        directory.rename_in_search(contacts=[kept, gone])
        directory.heed([kept, gone], by=by)
