"""A small sample company for tests."""

import io
import re

from django.core.management import call_command

SIGN_IN = re.compile(r"^  (\S+@example\.com) +(\S+)$", re.MULTILINE)


def company(*, deals: int = 60, seed: int = 1) -> dict[str, str]:
    """Make it by its command; returns the passwords that were shown, by address."""
    shown = io.StringIO()
    call_command("demo_company", deals=deals, seed=seed, stdout=shown)
    return dict(SIGN_IN.findall(shown.getvalue()))


def remove() -> str:
    """Take it away by its command; returns what was said."""
    shown = io.StringIO()
    call_command("demo_company", remove=True, stdout=shown)
    return shown.getvalue().strip()
