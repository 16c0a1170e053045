"""The pipeline as a board: columns, cards, more of them, and moving a card."""

import datetime as dt
from decimal import Decimal

import pytest

from deals.actions import closing, pipeline
from deals.models import Deal, Stage
from deals.states import Phase
from tests.factories import deals as make
from tests.factories import followups

pytestmark = pytest.mark.django_db

BOARD = "/deals/?view=board"
TOTALS = "/deals/totals/?view=board"
CARD = {"Accept": "application/json"}


def shown(answer) -> dict[str, list[str]]:
    """The titles of the cards by the name of their column."""
    return {
        lane.stage.name: [card.deal.title for card in lane.cards]
        for lane in answer.context["lanes"]
        if lane.cards
    }


def due(deal, at):
    Deal.objects.filter(pk=deal.pk).update(next_follow_up_at=at)
    return deal


# ---- what is shown ---------------------------------------------------------------------------------


def test_the_pipeline_opens_as_a_board_of_what_is_open_and_seen(client, rep, outsider, now):
    due(make.deal(owner=rep, title="Later"), now + dt.timedelta(days=2))
    due(make.deal(owner=rep, title="Without"), None)
    due(make.deal(owner=rep, title="Sooner"), now)
    make.deal(owner=rep, title="Far", stage=make.stage(Phase.CONCLUSION))
    make.deal(owner=outsider, title="Elsewhere")
    closing.lose(make.deal(owner=rep, title="Gone"), by=rep, reason=make.reason())
    client.force_login(rep)

    answer = client.get("/deals/")

    assert answer.context["view"] == "board"
    assert [lane.stage.phase for lane in answer.context["lanes"]] == [
        phase for phase in Phase.values if phase != Phase.ORDER
    ]
    assert shown(answer) == {"Suspect": ["Sooner", "Later", "Without"], "Conclusion": ["Far"]}


def test_filters_survive_the_switch_between_board_and_table(client, rep):
    product = make.product()
    make.deal(owner=rep, title="With", product=product)
    make.deal(owner=rep, title="Without")
    client.force_login(rep)

    board = client.get(f"{BOARD}&product={product.pk}")
    table = client.get(f"/deals/?product={product.pk}&view=table")

    assert shown(board) == {"Suspect": ["With"]}
    assert [row.deal.title for row in table.context["rows"]] == ["With"]
    assert f"?view=table&amp;product={product.pk}" in board.content.decode()
    assert f"product={product.pk}&amp;view=board" in table.content.decode()


def test_a_list_of_filtered_deals_is_a_table_unless_it_asks_for_the_board(client, rep):
    client.force_login(rep)

    views = [client.get(path).context["view"] for path in ("/deals/?status=lost", "/deals/", BOARD)]

    assert views == ["table", "board", "board"]


def test_what_makes_no_sense_shows_no_board(client, rep):
    client.force_login(rep)

    answer = client.get(f"{BOARD}&colour=red")

    assert answer.status_code == 400
    assert 'id="board"' not in answer.content.decode()


def test_a_column_comes_fifty_at_a_time(client, rep, monkeypatch, now):
    monkeypatch.setattr("deals.views.board.CARDS", 2)
    for number, title in enumerate("ABCDE"):
        due(make.deal(owner=rep, title=title), now + dt.timedelta(days=number))
    client.force_login(rep)

    lane = client.get(BOARD).context["lanes"][0]
    more = client.get(f"/deals/board/{lane.stage.pk}/?view=board&cursor={lane.next}")
    rest = client.get(
        f"/deals/board/{lane.stage.pk}/?view=board&cursor={more.context['lane'].next}"
    )

    pages = [[card.deal.title for card in one.cards] for one in (lane, more.context["lane"])]
    assert pages == [["A", "B"], ["C", "D"]]
    assert [card.deal.title for card in rest.context["lane"].cards] == ["E"]
    assert rest.context["lane"].next == ""


def test_a_card_carries_its_meter_only_once_it_was_contacted(client, rep):
    make.deal(owner=rep, title="Never")
    tried = make.deal(owner=rep, title="Tried")
    followups.touch(tried)
    client.force_login(rep)

    meters = {
        card.deal.title: card.meter and (card.meter.unanswered, card.meter.max_unanswered)
        for card in client.get(BOARD).context["lanes"][0].cards
    }

    assert meters == {"Never": None, "Tried": (1, 4)}


def test_without_a_stage_the_board_is_empty(client, rep):
    Stage.objects.all().delete()
    client.force_login(rep)

    assert client.get(BOARD).context["lanes"] == []


@pytest.mark.parametrize("count", [1, 50])
def test_the_number_of_queries_does_not_grow(
    client, rep, manager, django_assert_num_queries, count
):
    for number in range(count):
        stage = make.stage(list(Phase.values)[number % 5])
        followups.touch(make.deal(owner=rep, stage=stage))
    client.force_login(manager)

    # session, me, whom I answer for, what is shared with me, my views; stages, which cards, the cards, rules;
    # to choose from people, products, segments and lists
    with django_assert_num_queries(10):
        client.get(BOARD)


@pytest.mark.practice("E3")
def test_each_column_says_what_moves_and_what_is_stuck_or_dead(client, rep, now):
    days = dt.timedelta(days=1)
    make.deal(owner=rep, amount=600)
    stuck = make.deal(owner=rep, amount=300)
    dead = make.deal(owner=rep, amount=100, stage=make.stage(Phase.PROSPECT))
    Deal.objects.filter(pk=stuck.pk).update(entered_stage_at=now - 31 * days)
    Deal.objects.filter(pk=dead.pk).update(closes_on=now.date() + 7 * days)
    client.force_login(rep)

    answer = client.get(TOTALS, headers={"HX-Request": "true"})

    lanes = {
        stage.name: [share.amount for share in lane.shares]
        for stage, lane in answer.context["lanes"]
        if lane.count
    }
    assert lanes == {
        "Suspect": [Decimal(600), Decimal(300), 0],
        "Prospect": [0, 0, Decimal(100)],
    }
    assert f'id="lane-total-{stuck.stage_id}" hx-swap-oob="true"' in answer.content.decode()


@pytest.mark.practice("E2")
def test_what_won_deals_taught_says_when_a_deal_is_stuck(client, rep, now):
    stage = make.stage(Phase.SUSPECT)
    Stage.objects.filter(pk=stage.pk).update(learned_stuck_days=5)
    deal = make.deal(owner=rep)
    Deal.objects.filter(pk=deal.pk).update(
        entered_stage_at=now - dt.timedelta(days=6), next_follow_up_at=None
    )
    client.force_login(rep)

    card = client.get(BOARD).context["lanes"][0].cards[0]

    assert card.mark == "Stuck 6 days"


# ---- moving ----------------------------------------------------------------------------------------


def test_a_moved_card_comes_back_as_it_is_now(client, rep):
    deal, stage = make.deal(owner=rep), make.stage(Phase.APPROACH)
    client.force_login(rep)

    answer = client.post(
        f"/deals/{deal.pk}/move/", {"stage": stage.pk, "version": deal.version}, headers=CARD
    )

    deal.refresh_from_db()
    assert (answer.status_code, deal.stage) == (200, stage)
    assert (answer.json()["stage"], answer.json()["said"]) == (stage.pk, "Moved to Approach.")
    assert f'data-version="{deal.version}"' in answer.json()["card"]


def test_a_card_that_somebody_changed_goes_back_and_says_so(client, rep):
    deal = make.deal(owner=rep)
    pipeline.edit(deal, by=rep, title="Renamed")
    client.force_login(rep)

    answer = client.post(
        f"/deals/{deal.pk}/move/",
        {"stage": make.stage(Phase.APPROACH).pk, "version": deal.version},
        headers=CARD,
    )

    assert (answer.status_code, answer.json()["stage"]) == (412, deal.stage_id)
    assert answer.json()["said"].startswith("Somebody changed this")
    assert "Renamed" in answer.json()["card"]


def test_a_card_that_was_closed_meanwhile_leaves_the_board(client, rep):
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason())
    client.force_login(rep)

    answer = client.post(
        f"/deals/{deal.pk}/move/", {"stage": make.stage(Phase.APPROACH).pk}, headers=CARD
    )

    assert (answer.status_code, answer.json()["card"]) == (409, "")
    assert "is closed" in answer.json()["said"]


def test_no_card_moves_to_order_without_a_win(client, rep):
    deal = make.deal(owner=rep)
    client.force_login(rep)

    answer = client.post(
        f"/deals/{deal.pk}/move/", {"stage": make.stage(Phase.ORDER).pk}, headers=CARD
    )

    assert (answer.status_code, answer.json()["stage"]) == (409, deal.stage_id)


def test_a_stage_that_is_none_is_refused(client, rep):
    deal = make.deal(owner=rep)
    client.force_login(rep)

    answer = client.post(f"/deals/{deal.pk}/move/", {"stage": "x"}, headers=CARD)

    assert (answer.status_code, answer.json()["said"]) == (422, "Choose one of the stages.")


def test_without_a_script_the_stages_are_buttons(client, rep):
    deal = make.deal(owner=rep)
    client.force_login(rep)

    asked = client.get(f"/deals/{deal.pk}/move/?next=/deals/")
    answer = client.post(
        f"/deals/{deal.pk}/move/",
        {"stage": make.stage(Phase.PROSPECT).pk, "next": "/deals/"},
        follow=True,
    )

    assert asked.templates[0].name == "deals/move.html"
    assert [stage.phase for stage in asked.context["stages"]][-1] == Phase.CONCLUSION
    assert answer.redirect_chain == [("/deals/", 302)]
    assert "Moved to Prospect." in answer.content.decode()


@pytest.mark.parametrize("most", [1000, 0])
def test_what_is_shared_with_a_rep_stands_on_their_board(client, rep, outsider, monkeypatch, most):
    monkeypatch.setattr("deals.querysets.deals.MOST_BY_ID", most)
    make.deal(owner=rep, title="Mine")
    make.deal(owner=outsider, title="Shared").collaborators.add(rep)
    make.deal(owner=outsider, title="Elsewhere")
    client.force_login(rep)

    assert set(shown(client.get(BOARD))["Suspect"]) == {"Mine", "Shared"}
