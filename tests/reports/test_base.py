"""What reports stand on: scopes that see what the deals' own visibility sees, links, figures."""

import pytest

from crm.reports.base import Scope
from deals.actions import closing, reopening
from deals.models import Outcome
from deals.states import DealStatus
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

CAST = ["rep", "colleague", "manager", "outsider", "viewer", "admin"]


@pytest.mark.parametrize("name", CAST)
def test_standing_closings_are_seen_with_their_deals(name, request, rep, outsider, now):
    reader = request.getfixturevalue(name)
    make.lost(rep, "2026-03-02")
    shared = make.won(rep, "2026-03-02").deal
    shared.collaborators.add(outsider)
    make.lost(outsider, "2026-03-02")
    undone = deals.deal(owner=rep)
    closing.lose(undone, by=rep, reason=deals.reason())
    reopening.undo_close(undone, by=rep, now=now)

    found = set(Outcome.objects.standing_visible_to(reader))

    assert found == set(Outcome.objects.visible_to(reader).standing())


def test_a_link_says_the_period_the_people_and_what_is_narrowed(admin, rep, team):
    scope = Scope(make.filters("2026-03-01", "2026-03-31", team=team, rep=rep), admin)

    behind = scope.behind(DealStatus.LOST, reason="timing")

    days = "closed_from=2026-03-01&closed_to=2026-03-31"
    assert behind.query == f"status=lost&{days}&team={team.pk}&owner={rep.pk}&reason=timing"
    assert behind.page == f"/deals/?{behind.query}"
    assert behind.api == f"/api/v1/deals/?{behind.query}"


def test_a_share_of_nothing_has_no_value(rep):
    share = Scope(make.filters(None, "2026-03-31"), rep).share(0, 0)

    assert (share.value, share.interval, share.is_enough) == (None, None, False)


def test_empty_is_where_nothing_was_counted(rep):
    scope = Scope(make.filters(None, "2026-03-31"), rep)

    assert scope.count(0).n == 0
    assert scope.money(None, 0).value == 0
    assert scope.money(None, 2, unknown=2).value is None
