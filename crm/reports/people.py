"""The people of a report, in the order of the team list and never by their figures (A14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Min

from crm.shared.models import User

if TYPE_CHECKING:
    from collections.abc import Collection


def in_the_order_of_teams(user_ids: Collection[int]) -> dict[int, str]:
    """Their names: team by team as the tree has them, by name within; who is in no team comes last."""
    people = User.objects.filter(pk__in=user_ids).annotate(place=Min("memberships__team__path"))
    ordered = people.order_by(F("place").asc(nulls_last=True), "name", "pk")
    return {person.pk: str(person) for person in ordered.only("name", "email")}
