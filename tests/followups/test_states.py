"""The states of a follow-up and their moves."""

import pytest

from crm.shared.errors import ActionRefused
from followups.states import MOVES, FollowUpState, check_move


def test_every_state_has_its_moves():
    assert set(MOVES) == set(FollowUpState)


@pytest.mark.parametrize(
    ("current", "new"),
    [("due", "done"), ("due", "skipped"), ("due", "cancelled"), ("cancelled", "due")],
)
def test_allowed_moves(current, new):
    check_move(current, new)


@pytest.mark.parametrize(
    ("current", "new", "message"),
    [
        ("done", "skipped", "This follow-up is done already."),
        ("skipped", "done", "This follow-up is skipped already."),
        ("cancelled", "done", "This follow-up is cancelled already."),
        ("due", "due", "This follow-up is due already."),
    ],
)
def test_other_moves_are_refused(current, new, message):
    with pytest.raises(ActionRefused) as refusal:
        check_move(current, new)

    assert refusal.value.message == message
