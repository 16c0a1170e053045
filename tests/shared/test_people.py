"""What people set about themselves."""

import pytest

from crm.shared import people
from crm.shared.errors import ActionRefused

CHOICES = {
    "name": "Rita Rossi",
    "time_zone": "Europe/Rome",
    "language": "it",
    "working_days": [3, 0, 3],
    "theme": "dark",
    "wants_morning_mail": False,
}


def test_people_set_how_rebound_speaks_to_them(rep):
    people.edit_me(rep, **CHOICES)

    rep.refresh_from_db()
    assert {name: getattr(rep, name) for name in CHOICES} == CHOICES | {"working_days": [0, 3]}


def test_nobody_is_without_a_working_day(rep):
    with pytest.raises(ActionRefused) as refusal:
        people.edit_me(rep, **CHOICES | {"working_days": []})

    rep.refresh_from_db()
    assert set(refusal.value.fields) == {"working_days"}
    assert rep.working_days == [0, 1, 2, 3, 4]
