"""The cast, a fixed now, and what every test stands on."""

import datetime as dt
import os
import shutil
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from hypothesis import settings as hypothesis_settings

from crm.shared.models import Team, User
from crm.shared.roles import Role
from tests import servers
from tests.factories import shared

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

MONDAY = dt.datetime(2026, 4, 20, 8, 0, tzinfo=dt.UTC)
REAL_TIME = {"browser", "servers"}  # other processes look at the machine's clock
KNOCK_EVERYWHERE = {
    "test_an_outsiders_world.py",
    "test_constant_queries.py",
    "test_data_sets.py",
    "test_every_door.py",
    "test_openapi_fuzz.py",
}
IN_CI = os.environ.get("CI") == "true"

# No timed assertion: the first example may have to load a country's holidays.
hypothesis_settings.register_profile("house", deadline=None, database=None)
hypothesis_settings.load_profile("house")


# ---- what runs where -----------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("TEST_ONLY_WITH_DATABASE"):  # the others have run beside the other database
        config.hook.pytest_deselected(items=[one for one in items if not meets_a_database(one)])
        items[:] = filter(meets_a_database, items)
    for item in items:
        keep_delivered_rows(item)
        spare_the_measuring(item)
        for reason in reasons_to_skip(item):
            item.add_marker(pytest.mark.skip(reason=reason))


def meets_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", []))
    marks = {mark.name for mark in item.iter_markers()}
    return bool(fixtures or marks & {"django_db", "servers", "browser", "postgres", "data"})


def keep_delivered_rows(item: pytest.Item) -> None:
    """A transactional test empties every table; put back the rows that migrations delivered."""
    mark = item.get_closest_marker("django_db")
    fixtures: list[str] = getattr(item, "fixturenames", [])
    asks: dict[str, Any] = dict(mark.kwargs) if mark else {}
    if asks.get("transaction") or {"transactional_db", "live_server"} & set(fixtures):
        kept = asks | {"transaction": True, "serialized_rollback": True}
        item.add_marker(pytest.mark.django_db(**kept), append=False)


def spare_the_measuring(item: pytest.Item) -> None:
    """What passes through everything proves no branch; and what also runs on the other database was measured there."""
    marks = {mark.name for mark in item.iter_markers()}
    second = os.environ.get("TEST_ONLY_WITH_DATABASE") and not marks & {"servers", "postgres"}
    if second or "browser" in marks or item.path.name in KNOCK_EVERYWHERE:
        item.add_marker("no_cover")


def reasons_to_skip(item: pytest.Item) -> Iterator[str]:
    """In CI nothing is left out for want of Chromium or data: those tests fail instead."""
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        yield "needs PostgreSQL"
    if item.get_closest_marker("browser") and not servers.chromium() and not IN_CI:
        yield "needs Chromium, and none was found"
    if item.get_closest_marker("data") and not servers.DATA_FOLDER.is_dir() and not IN_CI:
        yield f"needs the data sets of {servers.DATA_FOLDER}"


def pytest_report_header() -> str:
    found = servers.chromium() or "none found"
    return f"database: {connection.vendor}; cache: {cache_kind()}; chromium: {found}"


def cache_kind() -> str:
    return str(settings.CACHES["default"]["BACKEND"]).rsplit(".", 1)[-1]


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture
def data_folder() -> Path:
    """The data sets beside the project; mark the test with `data`."""
    assert servers.DATA_FOLDER.is_dir(), f"{servers.DATA_FOLDER} is missing"
    return servers.DATA_FOLDER


# ---- a closed world ------------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def closed_sockets() -> Iterator[None]:
    """Nothing leaves the machine: connections go to loopback or to a Unix socket, or fail."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, only_loopback(getattr(socket.socket, name)))
    yield
    patch.undo()


def only_loopback(connect: Any) -> Any:
    def guarded(sock: socket.socket, address: Any) -> Any:
        if sock.family != socket.AF_UNIX and not is_loopback(address[0]):
            raise RuntimeError(f"A test wanted to reach {address[0]}.")
        return connect(sock, address)

    return guarded


def is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Rate limits and sessions of one test must not meet the next."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def now(request: pytest.FixtureRequest) -> Iterator[dt.datetime]:
    """A Monday morning that stands still; `time_machine.travel` inside a test moves it."""
    if any(request.node.get_closest_marker(name) for name in REAL_TIME):
        yield dt.datetime.now(dt.UTC)
        return
    with time_machine.travel(MONDAY, tick=False):
        yield MONDAY


# ---- the cast ------------------------------------------------------------------------------------


@pytest.fixture
def team(db: None) -> Team:
    return shared.team(name="North")


@pytest.fixture
def other_team(db: None) -> Team:
    return shared.team(name="South")


@pytest.fixture
def rep(team: Team) -> User:
    return shared.user(name="Rita Rep", email="rep@example.com", team=team)


@pytest.fixture
def colleague(team: Team) -> User:
    """Another rep of the same team."""
    return shared.user(name="Carl Colleague", email="colleague@example.com", team=team)


@pytest.fixture
def manager(team: Team) -> User:
    """Answers for the team of rep and colleague."""
    return shared.user(
        name="Mona Manager", email="manager@example.com", role=Role.MANAGER, team=team
    )


@pytest.fixture
def outsider(other_team: Team) -> User:
    """A rep of another team."""
    return shared.user(name="Otto Outsider", email="outsider@example.com", team=other_team)


@pytest.fixture
def viewer(db: None) -> User:
    return shared.user(name="Vera Viewer", email="viewer@example.com", role=Role.VIEWER)


@pytest.fixture
def admin(db: None) -> User:
    return shared.user(name="Ada Admin", email="admin@example.com", role=Role.ADMIN)


# ---- servers of their own, started when a test asks ----------------------------------------------


@pytest.fixture(scope="session")
def broker() -> Iterator[servers.Valkey]:
    """A private Valkey for other processes; the tests' own process does not use it."""
    with servers.valkey() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[servers.Sink]:
    with servers.smtp_sink() as sink:
        yield sink


@pytest.fixture
def process_environment(
    transactional_db: None, broker: servers.Valkey, smtp: servers.Sink, tmp_path: Path
) -> dict[str, str]:
    """What another process needs to work on this test's database, broker and mail server."""
    database = connection.settings_dict
    person = ":".join(filter(None, (database["USER"], database["PASSWORD"])))
    place = ":".join(filter(None, (database["HOST"], str(database["PORT"]))))
    return {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": f"postgres://{person}@{place}/{database['NAME']}",
        "REDIS_URL": f"{broker.url}/{next(broker_databases)}",
        "EMAIL_URL": smtp.url,
        "VAR_DIR": str(tmp_path / "var"),
    }


broker_databases = cycle(range(64))  # one each, so that no test finds another's messages


@pytest.fixture
def celery(process_environment: dict[str, str], tmp_path: Path) -> Iterator[servers.Celery]:
    """Starts workers and beats of its own: mark the test with `servers` and `postgres`."""
    processes = servers.Celery(process_environment, tmp_path)
    yield processes
    processes.kill_all()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (slow, and few tests need it)

    # Playwright keeps an event loop in this thread: Django would refuse the database, and would open a second
    # connection that knows nothing of the rows to put back.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connected = connections["default"]
    path = servers.chromium()
    assert path, "no Chromium found: apt-get install chromium, or set CHROMIUM"
    with sync_playwright() as playwright:
        connections["default"] = connected
        launched = playwright.chromium.launch(
            executable_path=path, args=list(servers.CHROMIUM_ARGUMENTS)
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: "Browser", live_server: "LiveServer") -> Iterator["Page"]:
    """A page whose addresses begin at the live server; a script's error fails the test."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if is_fault(line.text) else None)
    yield opened
    context.close()
    assert faults == []


def is_fault(line: str) -> bool:
    return "Content Security Policy" in line
