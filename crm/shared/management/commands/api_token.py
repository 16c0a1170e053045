"""manage.py api_token EMAIL: make a token and print it, and nothing else, on standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.shared import tokens
from crm.shared.models import User
from crm.shared.models.token import TokenScope


class Command(BaseCommand):
    help = "Makes an API token for a person and prints it. It is shown this once; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--scope",
            choices=TokenScope.values,
            default=TokenScope.WRITE.value,
            help="what programs may do with it at most; the person's role still decides (default: write)",
        )
        parser.add_argument(
            "--name", default="manage.py api_token", help="how the token is called in lists"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"There is no active person with the address {options['email']}.")
        _token, plain = tokens.make(user, name=options["name"], scope=TokenScope(options["scope"]))
        self.stdout.write(plain)
