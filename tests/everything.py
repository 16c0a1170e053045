"""`make test`: the whole suite on SQLite and on PostgreSQL with Valkey, and what was used; `make coverage`: measured.

SQLite runs all but what needs servers or a browser, and what asks every page there is; PostgreSQL runs all that
meets a database. Either failing fails the whole. Measuring costs half as much again, so it is asked for by itself, and
each test is measured once, on the first database that runs it.
"""

import os
import subprocess
import sys
import time

from tests import servers

COVERAGE = servers.ROOT / "var" / "coverage"
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-n",
    "2",
    "--maxschedchunk",
    "8",  # few at a time, or one is left with the slowest; always in order: the transactional ones last
    "--maxfail",
    "25",
]
IS_MEASURED = sys.argv[1:] == ["measured"]
MEASURED = ["--cov", "--cov-report=", "--cov-fail-under=0"]  # the gate is `coverage()`
# These ask every page and call, for minutes; once is enough, on the database of production.
KNOCK_EVERYWHERE = (
    "tests/rules/test_an_outsiders_world.py",
    "tests/rules/test_constant_queries.py",
    "tests/rules/test_every_door.py",
    "tests/rules/test_openapi_fuzz.py",
)


def main() -> int:
    began = time.monotonic()
    COVERAGE.mkdir(parents=True, exist_ok=True)
    for old in COVERAGE.glob("data*"):
        old.unlink()
    failures = [on_sqlite(), on_postgres()]
    if IS_MEASURED:
        failures.append(coverage())
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    print(f"\nmake test took {minutes} min {seconds:02} s.")
    missing = missing_things()
    for line in (*what_was_used(), *missing):
        print(line)
    if missing and os.environ.get("CI") == "true":
        failures.append(1)
    return max(failures)


def on_sqlite() -> int:
    print("On SQLite:", flush=True)
    environment = {"TEST_DATABASE_URL": "", "TEST_REDIS_URL": ""}
    words = ["-m", "not browser and not servers and not postgres"]
    words += [f"--ignore={path}" for path in KNOCK_EVERYWHERE]
    return pytest(environment, *words, *(MEASURED if IS_MEASURED else []))


def on_postgres() -> int:
    print("\nOn PostgreSQL and Valkey:", flush=True)
    with servers.named_or_private() as environment:
        only = {"TEST_ONLY_WITH_DATABASE": "1"}
        return pytest(environment | only, *([*MEASURED, "--cov-append"] if IS_MEASURED else []))


def pytest(environment: dict[str, str], *words: str) -> int:
    return subprocess.call([*PYTEST, *words], cwd=servers.ROOT, env=os.environ | environment)


def coverage() -> int:
    print()
    return subprocess.call([sys.executable, "-m", "coverage", "report"], cwd=servers.ROOT)


def what_was_used() -> list[str]:
    named = os.environ.get("TEST_DATABASE_URL")
    binaries = servers.postgres_binaries()
    return [
        f"PostgreSQL: {'the server of TEST_DATABASE_URL' if named else f'a private one, {binaries}'}",
        f"Redis: {os.environ.get('TEST_REDIS_URL') or f'a private one, {servers.valkey_binary()}'}",
        f"Chromium: {servers.chromium() or 'NOT FOUND'}",
        f"Data sets: {servers.DATA_FOLDER if servers.DATA_FOLDER.is_dir() else 'NOT FOUND'}",
    ]


def missing_things() -> list[str]:
    """What was left out for want of something; in CI that is a failure."""
    missing = []
    if not servers.chromium():
        missing.append("The browser tests were left out: install Chromium, or set CHROMIUM.")
    if not servers.DATA_FOLDER.is_dir():
        missing.append(f"The tests on data sets were left out: {servers.DATA_FOLDER} is not there.")
    return missing


if __name__ == "__main__":
    sys.exit(main())
