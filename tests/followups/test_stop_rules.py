"""Which stop rule holds, and setting it."""

from typing import Any

import pytest
from django.db import IntegrityError

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, User
from deals.models import Deal, Stage
from followups.actions import stop_rules
from followups.models import StopRule
from followups.persistence import Rule
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


@pytest.mark.practice("B6", "E1")
def test_each_stage_comes_with_its_rule_and_order_with_none() -> None:
    rules = stop_rules.of_stages(Stage.objects.all())

    assert {stage.name: rules.get(stage.pk) for stage in Stage.objects.all()} == {
        "Suspect": Rule(4, 30, 7),
        "Prospect": Rule(5, 45, 7),
        "Approach": Rule(6, 60, 7),
        "Negotiation": Rule(6, 45, 7),
        "Conclusion": Rule(6, 30, 7),
        "Order": None,
    }


def test_a_deals_own_rule_goes_before_its_stages(rep: User, django_assert_num_queries: Any) -> None:
    own = make.deal(owner=rep, stage=make.stage("approach"))
    plain = make.deal(owner=rep, stage=make.stage("approach"))
    make.put_in(make.deal(owner=rep), "order")
    made.stop_rule(deal=own, max_unanswered=9, max_silent_days=90, grace_days=1)

    deals = list(Deal.objects.select_related("stage"))

    with django_assert_num_queries(1):
        rules = stop_rules.in_force(deals)

    assert rules == {own.pk: Rule(9, 90, 1), plain.pk: Rule(6, 60, 7)}


def test_a_stage_without_a_row_goes_by_its_phase(rep: User) -> None:
    StopRule.objects.all().delete()
    deal = make.deal(owner=rep, stage=make.stage("prospect"))

    assert stop_rules.in_force([deal]) == {deal.pk: Rule(5, 45, 7)}


def test_setting_a_stages_rule_changes_what_is_given(manager: User) -> None:
    stage = make.stage("suspect")

    rule = stop_rules.set_rule(stage=stage, by=manager, max_unanswered=3)

    assert (rule.max_unanswered, rule.max_silent_days, rule.grace_days, rule.version) == (
        3,
        30,
        7,
        2,
    )
    record = EventRecord.objects.get(name="stop_rule.set")
    assert record.data == {
        "stop_rule_id": rule.pk,
        "max_unanswered": 3,
        "max_silent_days": 30,
        "grace_days": 7,
        "is_dropped": False,
    }
    with pytest.raises(StaleVersion):
        stop_rules.change(rule, by=manager, version=1, max_unanswered=2)


def test_one_deal_gets_a_rule_and_goes_by_its_stage_again(manager: User, rep: User) -> None:
    deal = make.deal(owner=rep)

    rule = stop_rules.set_rule(deal=deal, by=manager, max_unanswered=9, max_silent_days=90)
    with_rule = stop_rules.in_force([deal])
    stop_rules.drop(rule, by=manager, version=1)

    assert with_rule == {deal.pk: Rule(9, 90, 7)}
    assert stop_rules.in_force([deal]) == {deal.pk: Rule(4, 30, 7)}
    dropped = EventRecord.objects.filter(name="stop_rule.set").latest("pk")
    assert (dropped.deal_id, dropped.data["is_dropped"]) == (deal.pk, True)


def test_the_rule_of_a_stage_stays(manager: User) -> None:
    rule = make.stage("suspect").stop_rule

    with pytest.raises(ActionRefused, match="not removed"):
        stop_rules.drop(rule, by=manager)


@pytest.mark.parametrize(
    "numbers",
    [{"max_unanswered": 0}, {"max_silent_days": 0}, {"grace_days": -1}],
)
def test_a_rule_leaves_at_least_one_try_and_one_day(manager: User, numbers: dict[str, Any]) -> None:
    with pytest.raises(ActionRefused) as refusal:
        stop_rules.set_rule(stage=make.stage("suspect"), by=manager, **numbers)

    assert refusal.value.fields.keys() == numbers.keys()


def test_a_new_deals_rule_names_both_numbers(manager: User, rep: User) -> None:
    with pytest.raises(ActionRefused) as refusal:
        stop_rules.set_rule(deal=make.deal(owner=rep), by=manager, max_unanswered=3)

    assert list(refusal.value.fields) == ["max_silent_days"]


def test_a_rule_belongs_to_a_stage_or_to_a_deal(rep: User) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(IntegrityError, match="stop_rule_of_stage_or_deal"):
        made.stop_rule(deal=deal, stage=make.stage("order"))
