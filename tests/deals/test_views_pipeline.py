"""The pipeline as a table: filters of the address, order, pages, totals, and many deals lost at once."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from deals.actions import closing
from deals.models import Deal
from deals.states import DealStatus, Phase
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

PIPELINE = "/deals/"
TABLE = "/deals/?view=table"
BULK = "/deals/bulk/"
TOTALS = "/deals/totals/"


def titles(answer):
    return [row.deal.title for row in answer.context["rows"]]


def lost(owner, *, reason="timing", **fields):
    deal = make.deal(owner=owner, **fields)
    closing.lose(deal, by=owner, reason=make.reason(reason))
    return deal


# ---- what is shown ---------------------------------------------------------------------------------


def test_it_shows_what_is_open_and_seen(client, rep, colleague, outsider):
    make.deal(owner=rep, title="Mine")
    make.deal(owner=colleague, title="Theirs")
    make.deal(owner=outsider, title="Elsewhere")
    lost(rep, title="Gone")
    client.force_login(rep)

    answer = client.get(TABLE)

    assert (answer.status_code, answer.templates[0].name) == (200, "deals/pipeline.html")
    assert titles(answer) == ["Mine"]


def test_a_manager_sees_the_team_and_whose_each_is(client, rep, colleague, manager, outsider):
    for owner in (rep, colleague, outsider):
        make.deal(owner=owner, title=owner.name)
    client.force_login(manager)

    answer = client.get(TABLE)

    assert set(titles(answer)) == {"Rita Rep", "Carl Colleague"}
    assert answer.context["shows_owner"]


def test_a_viewer_has_no_pipeline(client, viewer):
    client.force_login(viewer)

    assert [client.get(path).status_code for path in (PIPELINE, TOTALS, BULK)] == [403, 403, 403]


def test_archived_deals_leave_the_list(client, rep, now):
    deal = make.deal(owner=rep)
    Deal.objects.filter(pk=deal.pk).update(archived_at=now)
    client.force_login(rep)

    assert titles(client.get(TABLE)) == []


def test_a_link_of_a_report_shows_exactly_its_deals_and_their_number(client, rep):
    rival = make.competitor()
    first = lost(rep, title="A", reason="lost-to-a-competitor")
    Deal.objects.filter(pk=first.pk).update(closed_at=dt.datetime(2026, 3, 31, 22, tzinfo=dt.UTC))
    lost(rep, title="B", reason="lost-to-a-competitor")
    lost(rep, title="C", reason="timing")
    deal = make.deal(owner=rep, title="D")
    closing.lose(deal, by=rep, reason=make.reason("lost-to-a-competitor"), competitor=rival)
    client.force_login(rep)
    query = "status=lost&reason=lost-to-a-competitor&closed_from=2026-04-01&closed_to=2026-04-30"

    answer = client.get(f"{PIPELINE}?{query}")

    assert sorted(titles(answer)) == ["B", "D"]
    assert answer.context["found"] == "2 deals"
    assert [(chip.label, chip.value) for chip in answer.context["chips"]] == [
        ("Reason", "Lost to a competitor"),
        ("Closed from", "Wed 1 Apr"),
        ("Closed to", "Thu 30 Apr"),
    ]


def test_a_filter_is_told_and_can_be_taken_away(client, rep):
    rival = make.competitor("Frostwatch")
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason(), competitor=rival)
    client.force_login(rep)

    answer = client.get(f"{PIPELINE}?status=lost&competitor={rival.pk}")

    chips = answer.context["chips"]
    assert [(chip.name, chip.raw, chip.label, chip.value) for chip in chips] == [
        ("competitor", str(rival.pk), "Competitor", "Frostwatch")
    ]
    assert chips[0].rest.urlencode() == "status=lost&view=table"


def test_a_stage_of_closed_deals_is_a_chip_and_of_open_ones_a_field(client, rep):
    stage = make.stage(Phase.SUSPECT).pk
    client.force_login(rep)

    of_closed = client.get(f"{PIPELINE}?status=lost&stage={stage}").context["unseen"]
    of_open = client.get(f"{PIPELINE}?status=open&stage={stage}").context["unseen"]

    assert [(chip.name, chip.value) for chip in of_closed] == [("stage", "Suspect")]
    assert of_open == []


@pytest.mark.parametrize("query", ["colour=red", "status=asleep", "stage=99", "search=a&search=b"])
def test_an_address_that_makes_no_sense_shows_nothing_and_says_so(client, rep, query):
    make.deal(owner=rep)
    client.force_login(rep)

    answer = client.get(f"{PIPELINE}?{query}")

    assert answer.status_code == 400
    assert titles(answer) == []
    assert 'role="alert"' in answer.content.decode()


def test_all_statuses_together(client, rep):
    make.deal(owner=rep, title="Open")
    lost(rep, title="Lost")
    client.force_login(rep)

    assert set(titles(client.get(f"{PIPELINE}?status="))) == {"Open", "Lost"}


def test_a_broad_filter_counts_no_further_than_a_thousand(client, rep, monkeypatch):
    monkeypatch.setattr("deals.views.pipeline.COUNTED_UP_TO", 2)
    product = make.product()
    for _each in range(3):
        make.deal(owner=rep, product=product)
    client.force_login(rep)

    answer = client.get(f"{PIPELINE}?status=open&product={product.pk}")

    assert answer.context["found"] == "More than 2 deals"


def test_the_exact_count_comes_after_the_list_and_is_a_page_too(client, rep, outsider, monkeypatch):
    """So that the figure of a report is seen to be the number of rows that its link opens."""
    monkeypatch.setattr("deals.views.pipeline.COUNTED_UP_TO", 2)
    product = make.product()
    for owner in (rep, rep, rep, outsider):
        make.deal(owner=owner, product=product)
    make.deal(owner=rep)
    client.force_login(rep)
    first = client.get(f"{PIPELINE}?status=open&ordering=title&product={product.pk}")
    [address] = re.findall(r'hx-get="(/deals/count/[^"]+)"', first.content.decode())

    part = client.get(html.unescape(address), headers={"HX-Request": "true"})
    page = client.get(html.unescape(address))

    assert part.content.decode() == '<span class="strong">3 deals</span>\n'
    assert page.templates[0].name == "deals/count.html"
    assert f"?product={product.pk}&amp;status=open" in page.content.decode()
    assert "0 deals" in client.get("/deals/count/?colour=red").content.decode()


# ---- rows, order, pages ----------------------------------------------------------------------------


def row(client, user, deal, **columns):
    Deal.objects.filter(pk=deal.pk).update(**columns)
    client.force_login(user)
    return next(row for row in client.get(TABLE).context["rows"] if row.deal == deal)


def test_each_row_says_the_one_thing_to_know(client, rep, now):
    days = dt.timedelta(days=1)
    stage = make.stage(Phase.CONCLUSION)
    new = {"next_follow_up_at": None, "closes_on": None, "entered_stage_at": now}
    deal = make.deal(owner=rep, stage=stage)
    states = [
        {"closes_on": now.date() + 3 * days, "next_follow_up_at": now - days},
        {"next_follow_up_at": now - 2 * days, "entered_stage_at": now - 40 * days},
        {"next_follow_up_at": now - dt.timedelta(minutes=1)},
        {"entered_stage_at": now - 22 * days, "next_follow_up_at": now + days},
        {"entered_stage_at": now - 21 * days, "next_follow_up_at": now + days},
        {"next_follow_up_at": now + dt.timedelta(hours=2)},
        {},
    ]

    rows = [row(client, rep, deal, **(new | state)) for state in states]

    assert [(row.mark, row.icon, row.kind) for row in rows] == [
        ("Closes Thu 23 Apr", "leaf", "loss"),
        ("Late 2 days", "clock", "needs"),
        ("Due now", "clock", "needs"),
        ("Stuck 22 days", "hourglass", "needs"),
        ("Tue 21 Apr", "", "dim"),
        ("today 10:00", "", "dim"),
        ("Nothing planned", "", "faint"),
    ]


def test_columns_sort_their_own_way_first_and_turn_around(client, rep):
    for title, amount in [("A", 1), ("B", 3), ("C", None), ("D", 2)]:
        make.deal(owner=rep, title=title, amount=amount)
    client.force_login(rep)

    down = client.get(f"{PIPELINE}?ordering=-amount")
    up = client.get(f"{PIPELINE}?ordering=amount")

    assert (titles(down), titles(up)) == (["B", "D", "A", "C"], ["A", "D", "B", "C"])
    by_amount = next(one for one in down.context["heads"] if one.column.name == "amount")
    assert (by_amount.asks, by_amount.state) == ("amount", "descending")
    assert down.context["title"].asks == "title"


def test_long_lists_come_in_pages(client, rep, monkeypatch):
    monkeypatch.setattr("deals.views.pipeline.ROWS", 2)
    for title in "ABC":
        make.deal(owner=rep, title=title)
    client.force_login(rep)

    first = client.get(f"{PIPELINE}?ordering=title")
    cursor = first.context["page"].next
    second = client.get(f"{PIPELINE}?ordering=title&cursor={cursor}")

    assert (titles(first), titles(second)) == (["A", "B"], ["C"])
    assert f"cursor={cursor}" in first.content.decode()
    assert (second.context["page"].next, second.context["page"].is_first) == ("", False)


@pytest.mark.parametrize("user", ["rep", "admin"])
def test_pages_in_the_order_of_stages_and_of_statuses(client, rep, user, request, monkeypatch):
    """Whether all are sorted, or stage is read after stage, status after status."""
    monkeypatch.setattr("deals.views.pipeline.ROWS", 2)
    for title, phase in [("A", Phase.NEGOTIATION), ("B", Phase.SUSPECT), ("C", Phase.NEGOTIATION)]:
        make.deal(owner=rep, title=title, stage=make.stage(phase=phase))
    lost(rep, title="D", stage=make.stage(phase=Phase.SUSPECT))
    client.force_login(request.getfixturevalue(user))

    def both_pages(order):
        first = client.get(f"{PIPELINE}?status=&ordering={order}")
        cursor = first.context["page"].next
        return titles(first) + titles(
            client.get(f"{PIPELINE}?status=&ordering={order}&cursor={cursor}")
        )

    assert both_pages("stage") == ["B", "D", "A", "C"]
    assert both_pages("-stage") == ["C", "A", "D", "B"]
    assert both_pages("status") == ["D", "A", "B", "C"]
    assert both_pages("-status") == ["C", "B", "A", "D"]


@pytest.mark.parametrize("count", [1, 3, 50])
def test_the_number_of_queries_does_not_grow(client, rep, django_assert_num_queries, count):
    account = make.account(owner=rep)
    for _each in range(count):
        make.deal(owner=rep, account=account, product=None)
    client.force_login(rep)

    # session, me, my views, what is shared with me; which rows, the rows; stages to choose from; products, segments and lists
    with django_assert_num_queries(8):
        client.get(TABLE)


@pytest.mark.parametrize("count", [1, 3])
def test_nor_with_what_was_lost(client, manager, rep, django_assert_num_queries, count):
    for _each in range(count):
        lost(rep)
    client.force_login(manager)

    # whom I answer for takes two; reasons to choose from; people, products, segments and lists
    with django_assert_num_queries(9):
        client.get(f"{PIPELINE}?status=lost&closed_from=2026-01-01")


# ---- totals ----------------------------------------------------------------------------------------


@pytest.mark.practice("B7")
def test_the_total_leaves_out_what_meets_a_stop_rule(client, rep, now):
    days = dt.timedelta(days=1)
    make.deal(owner=rep, amount=600)
    stuck, dead = make.deal(owner=rep, amount=300), make.deal(owner=rep, amount=100)
    make.deal(owner=rep, amount=None)
    make.deal(owner=rep, amount=5, currency="CHF")
    Deal.objects.filter(pk=stuck.pk).update(entered_stage_at=now - 31 * days)
    Deal.objects.filter(pk=dead.pk).update(closes_on=now.date() + 7 * days)
    client.force_login(rep)

    answer = client.get(TOTALS, headers={"HX-Request": "true"})

    shares = [(share.name, share.count, share.amount) for share in answer.context["whole"].shares]
    assert answer.templates[0].name == "deals/_totals.html"
    assert shares == [
        ("moving", 3, Decimal(600)),
        ("stuck", 1, Decimal(300)),
        ("dead", 1, Decimal(100)),
    ]
    assert (answer.context["forecast"], answer.context["whole"].unknown) == (Decimal(900), 2)
    assert [share.width for share in answer.context["whole"].shares] == ["333.6", "166.8", "55.6"]


def test_the_totals_are_a_page_too_and_follow_the_filters(client, rep):
    product = make.product()
    make.deal(owner=rep, amount=600, product=product)
    make.deal(owner=rep, amount=300)
    client.force_login(rep)

    answer = client.get(f"{TOTALS}?status=open&product={product.pk}")

    assert answer.templates[0].name == "deals/totals.html"
    assert answer.context["forecast"] == Decimal(600)


@pytest.mark.parametrize("count", [1, 3])
def test_the_totals_take_the_same_queries_for_many(client, rep, django_assert_num_queries, count):
    for _each in range(count):
        make.deal(owner=rep, currency="CHF")
    client.force_login(rep)

    with django_assert_num_queries(6):  # session, me, shared, stages, sums, rates
        client.get(TOTALS, headers={"HX-Request": "true"})


# ---- many at once ----------------------------------------------------------------------------------


def test_many_are_lost_with_one_reason(client, rep):
    deals = [make.deal(owner=rep) for _each in range(3)]
    client.force_login(rep)
    chosen = [deal.pk for deal in deals[:2]]

    asked = client.get(BULK, {"deal": chosen})
    answer = client.post(BULK, {"deal": chosen, "reason": "timing", "next": "/deals/?stage=1"})

    assert asked.templates[0].name == "deals/bulk.html"
    assert answer.url == "/deals/?stage=1"
    assert list(Deal.objects.lost().order_by("pk").values_list("pk", flat=True)) == chosen
    assert {deal.outcome.reason.slug for deal in Deal.objects.lost()} == {"timing"}


@pytest.mark.practice("A1")
def test_none_is_lost_without_a_reason(client, rep):
    deal = make.deal(owner=rep)
    client.force_login(rep)

    answer = client.post(BULK, {"deal": [deal.pk]}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.templates[0].name) == (422, "deals/_bulk.html")
    assert set(answer.context["form"].errors) == {"reason"}
    assert Deal.objects.open().count() == 1


def test_a_reason_that_asks_for_a_note_gets_one(client, rep):
    deal = make.deal(owner=rep)
    client.force_login(rep)

    answer = client.post(BULK, {"deal": [deal.pk], "reason": "other"})

    assert set(answer.context["form"].errors) == {"note"}


@pytest.mark.parametrize("named", ["999999", "x", "9" * 30, "-1"])
def test_what_is_not_there_is_not_found(client, rep, named):
    client.force_login(rep)

    assert client.get(BULK, {"deal": [named]}).status_code == 404


def test_one_that_is_not_seen_is_not_there(client, rep, outsider):
    mine, other = make.deal(owner=rep), make.deal(owner=outsider)
    client.force_login(rep)

    answer = client.post(BULK, {"deal": [mine.pk, other.pk], "reason": "timing"})

    assert answer.status_code == 404
    assert Deal.objects.filter(status=DealStatus.OPEN).count() == 2


def test_nothing_chosen_is_said(client, rep):
    client.force_login(rep)

    answer = client.get(BULK)

    assert "No deal is chosen" in answer.content.decode()


def test_the_pipeline_has_its_name():
    assert reverse("deals:pipeline") == PIPELINE
