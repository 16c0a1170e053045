"""Mail for tests. `use_templates` makes the plain template of tests/templates known."""

import copy
import datetime as dt
from itertools import count
from pathlib import Path
from typing import Any

from crm.shared import mailing
from crm.shared.letters import Mail
from crm.shared.models import OutgoingMail, User
from crm.shared.states import Audience

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
EVERY_HOUR = {"BUYER_MAIL_HOURS": (0, 24), "BUYER_MAIL_EVERY_DAY": True}

_numbers = count(1)


def use_templates(settings: Any) -> None:
    """For the `settings` fixture. Buyers' mail carries an address, as it must."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(TEMPLATES)
    settings.TEMPLATES = templates
    settings.COMPANY_ADDRESS = "1 Mill Lane, Ludlow"


def to_rep(user: User, *, due_at: dt.datetime, **fields: Any) -> Mail:
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"rep:{number}",
        "template": "plain",
        "context": {"subject": "Your day", "words": "Three calls."},
    }
    return mailing.to_rep(user, due_at=due_at, **(values | fields))


def to_buyer(*, due_at: dt.datetime, **fields: Any) -> Mail:
    """To a contact of its own, unless one is given."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"buyer:{number}",
        "template": "plain",
        "context": {"subject": "One question", "words": "What decided it?"},
        "to_address": f"buyer{number}@example.com",
        "contact_id": number,
        "audience": Audience.BUYER,
        "time_zone": "UTC",
        "country": "GB",
    }
    return Mail(due_at=due_at, **(values | fields))


def queued(mail: Mail) -> OutgoingMail:
    [row] = mailing.queue([mail])
    return row
