"""Made-up rows are what the actions would have written: derived columns, events, the way through the stages."""

import ast
import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from crm.sample import bare_tables, bulk, rows, world
from crm.shared import events
from crm.shared.models import EventRecord, User
from deals.models import Deal, Outcome, StageChange
from deals.states import DealStatus
from followups import persistence
from followups.actions import stop_rules
from followups.actions.touches import facts_of
from followups.models import FollowUp, Touch
from tests.factories import sample

pytestmark = pytest.mark.django_db


def made_up() -> QuerySet[Deal]:
    """Those that no story tells."""
    return Deal.objects.filter(contact__email__startswith="buyer")


def test_derived_columns_are_what_a_replay_of_the_touches_finds() -> None:
    sample.company()

    for deal in Deal.objects.all():
        known = stop_rules.facts_of(deal)
        rows = [facts_of(touch) for touch in Touch.objects.filter(deal=deal).order_by("at", "pk")]
        heard = [known.last_heard_at] if known.last_heard_at else []
        assert known == persistence.replay(
            rows, heard_otherwise=heard, agreed_until=deal.agreed_until
        ), deal
        assert deal.silent_since == (deal.last_heard_at or deal.first_outgoing_at)


def test_made_up_deals_heard_nobody_but_in_touches() -> None:
    sample.company()

    assert made_up().count() == 60
    for deal in made_up():
        rows = [facts_of(touch) for touch in Touch.objects.filter(deal=deal)]
        assert stop_rules.facts_of(deal) == persistence.replay(rows), deal


def test_what_a_deal_says_agrees_with_what_hangs_on_it(now: dt.datetime) -> None:
    sample.company()

    for deal in made_up().select_related("outcome"):
        due = FollowUp.objects.filter(deal=deal, state="due").order_by("due_at")
        assert deal.next_follow_up_at == (due[0].due_at if due else None), deal
        last = StageChange.objects.filter(deal=deal).last()
        assert last is not None
        assert (last.to_stage_id, last.at) == (deal.stage_id, deal.entered_stage_at), deal
        if deal.outcome:
            assert (deal.outcome.kind, deal.outcome.at) == (deal.status, deal.closed_at)
            assert deal.last_touch_at is None or deal.last_touch_at <= deal.outcome.at
    assert not Touch.objects.filter(at__gt=now).exists()


def test_events_say_all_that_their_kind_says() -> None:
    sample.company()

    kinds = {kind.name: kind for kind in events.Event.__subclasses__()}
    for record in EventRecord.objects.all():
        kind = kinds[record.name]
        fields = {field.name for field in dataclasses.fields(kind)} - events.COMMON
        if kind.subject == "deal":
            fields.discard("deal_id")
        assert set(record.data) == fields, record.name
    logged = EventRecord.objects.filter(name="touch.logged")
    assert set(logged.values_list("subject_id", flat=True)) == set(
        Touch.objects.values_list("pk", flat=True)
    )


def test_timelines_of_every_kind_of_closing_can_be_read(client: Client) -> None:
    sample.company()
    client.force_login(User.objects.get(email="manager@example.com"))

    for status in DealStatus:
        deal = made_up().filter(status=status)[0]
        assert client.get(f"/deals/{deal.pk}/?whole=1").status_code == 200


def test_a_title_does_not_repeat_the_product() -> None:
    sample.company()

    for deal in Deal.objects.filter(product__isnull=False).select_related("product"):
        assert str(deal.product).lower() not in deal.title.lower()


def test_a_large_company_is_spared_the_events_of_its_touches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "BIG", 20)
    monkeypatch.setattr(bulk, "BATCH", 8)

    sample.company(deals=20)

    assert made_up().count() == 20
    told = EventRecord.objects.filter(deal_id__in=made_up()).exclude(name__startswith="review.")
    kinds = set(told.values_list("name", flat=True))
    assert kinds <= {"deal.created", "deal.won", "deal.lost", "deal.disqualified"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_load_on_postgresql_leaves_indexes_and_ids_as_they_should_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "BIG", 20)
    monkeypatch.setattr(bulk, "BATCH", 8)
    before = guards()

    sample.company(deals=20)

    assert guards() == before
    last = Outcome.objects.order_by("-pk")[0].pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('deals_outcome', 'id'))")
        assert cursor.fetchone() == (last + 1,)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_load_that_fails_leaves_indexes_as_they_should_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "BIG", 20)
    monkeypatch.setattr(rows.DealRows, "add", lambda *args, **kwargs: 1 / 0)
    before = guards()

    with pytest.raises(ZeroDivisionError):
        sample.company(deals=20)

    assert guards() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_after_a_load_that_was_killed_the_next_start_puts_indexes_back() -> None:
    before = guards()
    loading = bare_tables.bare(bulk.TABLES)
    loading.__enter__()
    assert guards() < before

    call_command("demo_company", remove=True)

    assert guards() == before


def guards() -> set[str]:
    """Every index and constraint of this schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() UNION SELECT"
            " conrelid::regclass::text || conname || convalidated || pg_get_constraintdef(oid) FROM pg_constraint"
        )
        return {line for (line,) in cursor.fetchall()}


def test_no_made_up_word_would_have_to_be_escaped():
    """They are loaded as they are."""
    source = ast.parse(Path(world.__file__).read_text(encoding="utf-8"))
    said = [node.value for node in ast.walk(source) if isinstance(node, ast.Constant)]

    assert [one for one in said if isinstance(one, str) and set(one) & set('\t\n\r\\"')] == []
