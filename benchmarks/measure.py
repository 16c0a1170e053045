"""One size: migrate, fill, run every job, print a line of JSON for each measurement."""

import dataclasses
import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (needs the apps)
from django.db import connection  # noqa: E402

from benchmarks import (  # noqa: E402  (needs the apps)
    board,
    deal_page,
    export_deals,
    import_deals,
    lose,
    losses_by_reason,
    search,
    table,
)


def main() -> None:
    size = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    call_command("demo_company", deals=size, stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0]
    sys.stdout.write(json.dumps({"Django": django.__version__, "PostgreSQL": server}) + "\n")
    for job in (
        table,
        board,
        deal_page,
        search,
        losses_by_reason,
        lose,
        export_deals,
        import_deals,
    ):
        for measured in job.measure(size):
            sys.stdout.write(json.dumps(dataclasses.asdict(measured)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
