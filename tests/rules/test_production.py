"""The production shape: what it refuses, and what its compose file promises."""

import os
import subprocess
import sys

import pytest
import yaml

from tests.rules.house import ROOT

LONG_RUNNING = {"database", "broker", "web", "worker", "beat"}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def start_with(tmp_path, **environment):
    """Load the settings in a process of their own, with nothing else set."""
    kept = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "PRODUCTION": "1"}
    return subprocess.run(
        [sys.executable, "-c", "import crm.settings"],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("secret", [None, "", "try-out-only-not-a-secret", "x" * 31])
def test_production_refuses_to_start_without_a_secret_of_its_own(tmp_path, secret):
    started = start_with(tmp_path, **({} if secret is None else {"SECRET_KEY": secret}))

    assert started.returncode == 1
    assert "set SECRET_KEY to at least 32 random characters" in started.stderr


def test_production_starts_with_a_secret_of_its_own(tmp_path):
    assert start_with(tmp_path, SECRET_KEY="x" * 32).returncode == 0


def test_everything_that_keeps_running_is_watched_and_restarted(services):
    assert LONG_RUNNING | {"migrate"} == set(services)
    for name in LONG_RUNNING:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped", name


def test_whatever_works_has_more_than_30_seconds_to_finish(services):
    grace = {name: int(services[name]["stop_grace_period"].rstrip("s")) for name in LONG_RUNNING}

    assert [name for name, seconds in grace.items() if seconds <= 30] == []


def test_the_broker_forgets_nothing(services):
    command = " ".join(services["broker"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


HAVE_USUAL = ("COMPANY_", "ORGANISATION_")  # whose company it is, is no secret


def test_no_secret_has_a_default(services):
    environment = services["web"]["environment"]

    assert [
        name
        for name, value in environment.items()
        if "${" in value and ":?" not in value.split("${")[1] and not name.startswith(HAVE_USUAL)
    ] == []
