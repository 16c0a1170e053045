"""Makes the pictures of the README from a fresh sample company, in a real browser: python scripts/screenshots.py."""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import servers  # noqa: E402  (found from the root)

FOLDER = ROOT / "docs" / "screenshots"
PORT = 8765
SITE = f"http://127.0.0.1:{PORT}"
WIDE, PHONE = (1440, 900), (390, 844)
# name, who, where, size, scheme; "{deal}" is an open deal on the rep's list
SHOTS = (
    ("today-light", "rep", "/", WIDE, "light"),
    ("today-dark-390", "rep", "/", PHONE, "dark"),
    ("deal-light", "rep", "{deal}", WIDE, "light"),
    ("lost-light", "rep", "{deal}lose/", WIDE, "light"),
    ("pipeline-light", "manager", "/deals/", WIDE, "light"),
    ("monthly-review-light", "manager", "/reports/monthly-review/", WIDE, "light"),
    ("monthly-review-dark", "manager", "/reports/monthly-review/", WIDE, "dark"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as passwords,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(
            executable_path=servers.chromium(), args=servers.CHROMIUM_ARGUMENTS
        )
        for name, who, where, size, scheme in SHOTS:
            shoot(browser, name, f"{who}@example.com", passwords, where, size, scheme)
        browser.close()


@contextmanager
def site(folder: Path) -> Iterator[dict[str, str]]:
    """A sample company, served; yields the passwords by address."""
    environment = os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "COMPANY_NAME": "Halden Cold-Chain",
    }
    environment = {name: value for name, value in environment.items() if value}
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)  # noqa: S603
    told = subprocess.run(  # noqa: S603  (our own commands)
        [*run, "demo_company"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    passwords = dict(re.findall(r"(\w+@example\.com)\s+(\S+)", told.stdout))
    server = subprocess.Popen(  # noqa: S603
        [*run, "runserver", "--noreload", "--insecure", str(PORT)], cwd=ROOT, env=environment
    )
    try:
        wait()
        yield passwords
    finally:
        server.terminate()
        server.wait()


def wait() -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{SITE}/healthz")  # noqa: S310
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The site did not come up.")


def shoot(
    browser: Browser,
    name: str,
    who: str,
    passwords: dict[str, str],
    where: str,
    size: tuple[int, int],
    scheme: str,
) -> None:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(f"{SITE}/account/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", passwords[who])
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{SITE}/")
    deal = page.locator("a.what[href^='/deals/']", has_text="Harbour Provisions").first
    path = where.format(deal=deal.get_attribute("href") if "{deal}" in where else "")
    page.goto(SITE + path, wait_until="networkidle")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=name.startswith(("deal", "lost")))
    page.close()


if __name__ == "__main__":
    main()
