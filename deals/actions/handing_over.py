"""Hand over what somebody leaves behind: companies, people, target lists, deals, and with the deals all that hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Mod
from django.utils import timezone

from crm.shared.events import DealEdited
from crm.shared.models import User
from crm.shared.publishing import publish
from deals.models import Account, Contact, Deal, TargetList

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH = 500
SHARES: dict[type[Any], Any] = {
    Account: F("pk"),
    Contact: Coalesce("account_id", "pk"),
    Deal: Coalesce("account_id", "pk"),
    TargetList: F("pk"),
}


@transaction.atomic(savepoint=False)
def hand_over(person_id: int, *, heir_ids: Sequence[int], by_id: int | None) -> None:
    """An even share to each heir, a company with its people and deals to the same one; a few statements for each share.

    Follow-ups, asks and reviews go by the deal's owner, so they go with it. A closing stays in the figures of who closed it.
    """
    names = dict(User.objects.filter(pk__in=[person_id, *heir_ids]).values_list("pk", "name"))
    now = timezone.now()
    for place, heir_id in enumerate(heir_ids):
        for model, key in SHARES.items():
            theirs = model._default_manager.annotate(share=Mod(key, len(heir_ids)))
            ids = list(
                theirs.filter(owner=person_id, share=place)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            for start in range(0, len(ids), BATCH):
                part = ids[start : start + BATCH]
                model._default_manager.filter(pk__in=part).update(
                    owner=heir_id, version=F("version") + 1, updated_at=now
                )
                if model is Deal:
                    _note(part, was=names[person_id], to=names[heir_id], by_id=by_id)


def _note(deal_ids: Sequence[int], *, was: str, to: str, by_id: int | None) -> None:
    changes = {"owner": (was, to)}
    publish([DealEdited(actor_id=by_id, deal_id=pk, changes=changes) for pk in deal_ids])
