"""When a deal is stuck, as won deals taught (rule 11)."""

import datetime as dt

import pytest

from deals import tasks
from deals.actions import closing, pipeline
from deals.actions.pace import most_days
from deals.models import Stage, StageChange
from deals.states import Phase
from tests.factories import deals as make


@pytest.mark.practice("E2")
def test_the_eightieth_percentile_of_thirty_or_more():
    assert most_days(list(range(1, 30))) is None
    assert most_days(list(range(1, 31))) == 24
    assert most_days([0] * 30) == 1


@pytest.mark.django_db
def test_stages_learn_from_won_deals(rep, monkeypatch, now):
    monkeypatch.setattr("deals.actions.pace.FEWEST", 1)
    deal = make.deal(owner=rep)
    StageChange.objects.update(at=now - dt.timedelta(days=12))
    pipeline.move(deal, to=make.stage(Phase.PROSPECT), by=rep)
    closing.win(deal, by=rep)

    tasks.learn_pace()

    learned = dict(Stage.objects.values_list("phase", "learned_stuck_days"))
    assert (learned[Phase.SUSPECT], learned[Phase.PROSPECT]) == (12, 1)
    assert learned[Phase.APPROACH] is None
