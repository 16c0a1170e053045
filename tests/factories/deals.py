"""Accounts, contacts and deals for tests; plain, through the actions where the row follows rules."""

from itertools import count
from typing import Any

from crm.shared.models import User
from deals.actions import pipeline
from deals.models import Account, Competitor, Contact, Deal, LossReason, Product, Stage

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


def product(name: str = "Cold-chain monitoring") -> Product:
    return Product.objects.create(name=name)
