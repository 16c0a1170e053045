"""What deals do about events of the ground: a person left, hand over what was theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deals.actions import handing_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.settings_events import PersonLeft


def hand_over(leavings: Sequence[PersonLeft]) -> None:
    for left in leavings:
        handing_over.hand_over(left.person_id, heir_ids=left.heir_ids, by_id=left.actor_id)
