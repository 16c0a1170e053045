"""Accounts, contacts and deals for tests; plain, through the actions where the row follows rules."""

from itertools import count
from typing import Any

from crm.shared.models import User
from deals.actions import closing, pipeline, target_lists
from deals.models import (
    Account,
    BulkJob,
    Competitor,
    Contact,
    Deal,
    LossReason,
    Product,
    SavedView,
    Segment,
    Stage,
    TargetList,
)
from deals.states import BulkVerb, JobState

_numbers = count(1)


def account(*, owner: User, **fields: Any) -> Account:
    return Account.objects.create(
        **({"name": f"Account {next(_numbers)}", "owner": owner} | fields)
    )


def contact(*, owner: User, **fields: Any) -> Contact:
    number = next(_numbers)
    known = {"name": f"Contact {number}", "email": f"contact{number}@example.com", "owner": owner}
    return Contact.objects.create(
        **(known | {"time_zone": "Europe/London", "country": "GB"} | fields)
    )


def deal(*, owner: User, **fields: Any) -> Deal:
    """An open deal of 1,000.00 in the stage named by `stage`, else in the first."""
    known = {"title": f"Deal {next(_numbers)}", "amount": "1000.00"}
    made = pipeline.open_deal(by=owner, owner=owner, **(known | fields))
    made.refresh_from_db()
    return made


def won(*, owner: User, **fields: Any) -> Deal:
    """A won deal, its order open."""
    made = deal(owner=owner, **fields)
    closing.win(made, by=owner)
    made.refresh_from_db()
    return made


def put_in(deal: Deal, phase: str) -> Deal:
    """The deal in a stage that no door leads an open one to, as an old installation may hold it."""
    Deal.objects.filter(pk=deal.pk).update(stage=stage(phase))
    deal.refresh_from_db()
    return deal


def stage(phase: str) -> Stage:
    """The delivered stage of a phase."""
    return Stage.objects.get(phase=phase)


def reason(slug: str = "price-or-value") -> LossReason:
    """A delivered reason."""
    return LossReason.objects.get(slug=slug)


def competitor(name: str = "Frostwatch") -> Competitor:
    return Competitor.objects.create(name=name)


def saved_view(*, owner: User, **fields: Any) -> SavedView:
    """What is open, as a table, for its owner alone."""
    known = {"name": f"View {next(_numbers)}", "query": "status=open&view=table"}
    return SavedView.objects.create(owner=owner, **(known | fields))


def bulk_job(*, by: User, **fields: Any) -> BulkJob:
    """A job that is done and did nothing."""
    known = {"what": BulkVerb.LOSE, "state": JobState.DONE, "query": "id__in=0"}
    return BulkJob.objects.create(by=by, **(known | fields))


def product(name: str = "Cold-chain monitoring") -> Product:
    return Product.objects.create(name=name)


def segment(name: str = "Italian food", **criteria: Any) -> Segment:
    """Italy, food, unless told otherwise."""
    known = {"countries": ["IT"], "industries": ["Food"]}
    return Segment.objects.create(name=name, **(known | criteria))


def target_list(*accounts: Account, owner: User, **fields: Any) -> TargetList:
    """A list of its owner, with these accounts on it."""
    known = {"name": f"List {next(_numbers)}"} | fields
    on_it = Account.objects.filter(pk__in=[one.pk for one in accounts])
    return target_lists.make(by=owner, accounts=on_it, **known)
