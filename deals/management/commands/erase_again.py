"""manage.py erase_again: after a backup was restored, erase again whoever was erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand

from deals.actions import erasing


class Command(BaseCommand):
    help = (
        "Erases again the people whom a restored backup brought back, as erasures.log in VAR_DIR has them."
        " Run it before anybody signs in; as often as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{erasing.erase_again()} erased again.")
