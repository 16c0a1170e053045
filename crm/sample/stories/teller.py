"""Who tells the stories: makes deals of the rep, logs touches and closes, each some days ago."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.sample import world
from deals.actions import closing, directory, pipeline
from deals.models import LossReason, Stage
from followups.actions import touches

if TYPE_CHECKING:
    from crm.sample.people import Company
    from crm.shared.models import User
    from deals.models import Account, Contact, Deal, Outcome
    from deals.states import Phase

MORNING, HOURS = 8, 7  # UTC
FRIDAY = 4


@dataclasses.dataclass(frozen=True)
class Teller:
    """Knows the company and the hour; every story begins with `deal`."""

    company: Company
    now: dt.datetime

    @property
    def rep(self) -> User:
        return self.company.rep

    def ago(self, *, days: float) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def at_work(self, *, days_ago: float) -> dt.datetime:
        """Some hour of office work so many days ago, or on the Friday before; of this very day as it is."""
        moment = self.ago(days=days_ago)
        if days_ago < 1:
            return moment
        moment -= dt.timedelta(days=max(moment.weekday() - FRIDAY, 0))
        return moment.replace(hour=MORNING + int(days_ago) % HOURS, minute=int(days_ago) * 7 % 60)

    def deal(
        self,
        account: str,
        title: str,
        *,
        buyer: str,
        phase: Phase,
        amount: int,
        days_ago: int,
        **facts: Any,
    ) -> Deal:
        """An open deal of the rep at a company of its own, opened `days_ago`."""
        place = world.PLACES[len(account) % len(world.PLACES)]
        company = directory.add_accounts(
            [{"name": account, "owner": self.rep, "country": place[0]}], by=self.rep, is_sample=True
        )[0]
        person = self._person(buyer, account=company, place=place)
        deal = pipeline.open_deal(
            by=self.rep,
            title=title,
            owner=self.rep,
            account=company,
            contact=person,
            stage=Stage.objects.get(phase=phase),
            opened_at=self.at_work(days_ago=days_ago),
            is_sample=True,
            amount=Decimal(amount),
            **facts,
        )
        directory.add_stakeholder(
            deal,
            contact=person,
            role="champion",
            by=self.rep,
            at=deal.opened_at,
            stance=1,
            met=True,
        )
        return deal

    def _person(self, name: str, *, account: Account, place: tuple[str, str, str]) -> Contact:
        address = f"{name.lower().replace(' ', '.')}@example.org".encode("ascii", "ignore").decode()
        fields = {
            "name": name,
            "title": world.TITLES[len(name) % len(world.TITLES)],
            "email": address,
        }
        known = {"account": account, "owner": self.rep, "country": place[0], "time_zone": place[1]}
        return directory.add_contacts(
            [fields | known | {"language": place[2]}], by=self.rep, is_sample=True
        )[0]

    def touch(
        self,
        deal: Deal,
        *,
        days_ago: float,
        channel: str = "call",
        result: str = "no_answer",
        **facts: Any,
    ) -> None:
        touches.log_touch(
            deal,
            by=self.rep,
            channel=channel,
            result=result,
            at=self.at_work(days_ago=days_ago),
            **facts,
        )

    def lose(self, deal: Deal, reason: str, *, days_ago: float, **facts: Any) -> Outcome:
        found = LossReason.objects.get(slug=reason)
        at = self.at_work(days_ago=days_ago)
        return closing.lose(deal, by=self.rep, reason=found, at=at, **facts)

    def win(self, deal: Deal, *, days_ago: float, because: str, words: str) -> Outcome:
        at = self.at_work(days_ago=days_ago)
        return closing.win(deal, by=self.rep, at=at, won_because=[because], buyer_words=words)
