"""`make test`: the whole suite on SQLite and on PostgreSQL with Valkey, one coverage, and what was used.

SQLite runs all but what needs servers or a browser, and the long fuzzing of the API; PostgreSQL runs all that
meets a database. Either failing fails the whole.
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
    "--maxfail",
    "25",
    "--cov",
    "--cov-report=",
]
FUZZING = "tests/rules/test_openapi_fuzz.py"
NO_GATE_YET = "--cov-fail-under=0"  # the gate is for both runs together


def main() -> int:
    began = time.monotonic()
    COVERAGE.mkdir(parents=True, exist_ok=True)
    for old in COVERAGE.glob("data*"):
        old.unlink()
    failures = [on_sqlite(), on_postgres(), coverage()]
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
    words = ["-m", "not browser and not servers and not postgres", "--ignore", FUZZING]
    return pytest("sqlite", environment, *words)


def on_postgres() -> int:
    print("\nOn PostgreSQL and Valkey:", flush=True)
    with servers.named_or_private() as environment:
        return pytest("postgres", environment | {"TEST_ONLY_WITH_DATABASE": "1"})


def pytest(name: str, environment: dict[str, str], *words: str) -> int:
    data = {"COVERAGE_FILE": str(COVERAGE / f"data.{name}")}
    command = [*PYTEST, NO_GATE_YET, *words]
    return subprocess.call(command, cwd=servers.ROOT, env=os.environ | environment | data)


def coverage() -> int:
    print()
    for words in (["combine", "--quiet"], ["report"]):
        if code := subprocess.call([sys.executable, "-m", "coverage", *words], cwd=servers.ROOT):
            return code
    return 0


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
