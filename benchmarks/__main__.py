"""make bench: for each size a fresh PostgreSQL with the sample company, every job, and RESULTS.md from what was seen."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.results import Measured, write
from tests import servers

SIZES = (10_000, 100_000)
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    found: list[Measured] = []
    versions: dict[str, str] = {"Python": platform.python_version(), "cores": str(os.cpu_count())}
    for size in sizes:
        with servers.postgres() as url:
            lines = _measure(size, url)
        versions |= json.loads(lines[0])
        found += [Measured(**json.loads(line)) for line in lines[1:]]
    write(ROOT / "benchmarks" / "RESULTS.md", found, versions)


def _measure(size: int, url: str) -> list[str]:
    """A process of its own for each size, since Django reads its database once."""
    command = [sys.executable, "-m", "benchmarks.measure", str(size)]
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "crm.settings"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
