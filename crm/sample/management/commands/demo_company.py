"""manage.py demo_company [--deals N] [--seed S] [--remove]: a sample company, to try out or to measure with."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.sample import bare_tables, bulk, people, removal, stories
from crm.shared.models import User

DEFAULT_DEALS = 1_000
MOST_DEALS = 1_000_000


class Command(BaseCommand):
    help = "Make a sample company with eighteen months of history, or take it away whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--deals", type=int, default=DEFAULT_DEALS, help=f"how many deals, up to {MOST_DEALS:,}"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed makes the same company"
        )
        parser.add_argument(
            "--remove", action="store_true", help="take the sample company away; real data stays"
        )

    def handle(self, *args: Any, deals: int, seed: int, remove: bool, **options: Any) -> None:
        bare_tables.restore()
        if remove:
            counts = removal.remove()
            self.stdout.write(
                f"Removed {counts['deals']:,} sample deals and all that hung on them."
            )
            return
        if User.objects.filter(is_sample=True).exists():
            raise CommandError("There is a sample company already; --remove takes it away.")
        if taken := people.taken_addresses():
            raise CommandError(f"These addresses belong to somebody: {', '.join(taken)}.")
        if not 1 <= deals <= MOST_DEALS:
            raise CommandError(f"--deals takes 1 to {MOST_DEALS:,}.")
        began = time.monotonic()
        company = people.found(deals=deals)
        self.stdout.write(f"Making {deals:,} deals …")
        bulk.write(company, count=deals, seed=seed)
        stories.tell(company)
        took = time.monotonic() - began
        self.stdout.write(f"{deals:,} deals in {took:.1f} s, {deals / took:,.0f} a second.\n")
        self._show(company)

    def _show(self, company: people.Company) -> None:
        self.stdout.write(f"Sign in at {settings.BASE_URL} (shown once):")
        for address, password in company.passwords.items():
            self.stdout.write(f"  {address:<22} {password}")
