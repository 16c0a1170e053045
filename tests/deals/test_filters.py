"""What the filters of deals find; the same FilterSet serves the page, the API and the links of reports."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.shared.models import Membership
from deals.actions import closing, reopening
from deals.filters import DealFilters
from deals.models import Deal
from deals.states import Disqualification
from tests.factories import deals, shared
from tests.programs import program


@pytest.fixture
def world(rep, colleague, outsider, admin, now):
    """Deals by name: open ones, lost ones, one won, one disqualified."""
    alpha = deals.account(owner=rep, name="Alpha Spa")
    rival, pump = deals.competitor("Rival"), deals.product("Pump")
    made = {
        "small": deals.deal(
            owner=rep, title="small", amount=Decimal(10), account=alpha, product=pump
        ),
        "big": deals.deal(
            owner=colleague, title="big", amount=Decimal(9000), stage=deals.stage("approach")
        ),
        "unknown": deals.deal(owner=outsider, title="unknown", amount=None),
        "priced": deals.deal(
            owner=rep, title="priced", contact=deals.contact(owner=rep, name="Zoe Quinn")
        ),
        "beaten": deals.deal(owner=rep, title="beaten", stage=deals.stage("negotiation")),
        "silent": deals.deal(owner=outsider, title="silent"),
        "won": deals.deal(owner=colleague, title="won", external_id="X-1"),
        "void": deals.deal(owner=rep, title="void"),
    }
    yesterday = now - dt.timedelta(days=1)
    closing.lose(made["priced"], reason=deals.reason("price-or-value"), by=rep)
    closing.lose(
        made["beaten"],
        reason=deals.reason("lost-to-a-competitor"),
        competitor=rival,
        control="theirs",
        at=yesterday,
        by=rep,
    )
    closing.lose(made["silent"], reason=deals.reason("no-answer"), automatic=True, by=None)
    closing.win(made["won"], by=colleague)
    closing.disqualify(made["void"], disqualified_as=Disqualification.DUPLICATE, by=rep)
    Deal.objects.filter(pk=made["small"].pk).update(
        closes_on=now.date(), expected_close_on=dt.date(2026, 6, 1), unanswered_touches=3
    )
    again = reopening.second_chance(made["beaten"], by=rep, title="again")
    return made | {"again": again, "alpha": alpha, "rival": rival, "pump": pump}


FOUND = [
    ("status=open", "again big small unknown"),
    ("status=lost", "beaten priced silent"),
    ("status__in=won,disqualified", "void won"),
    ("stage={approach}", "big"),
    ("stage__in={approach},{negotiation}", "beaten big"),
    ("phase=negotiation", "beaten"),
    ("closed_in={negotiation}", "beaten"),
    ("closed_in={suspect}", "priced silent void won"),
    ("owner={rep}", "again beaten priced small void"),
    ("owner__in={colleague},{outsider}", "big silent unknown won"),
    ("team={team}", "again beaten big priced small void won"),
    ("account={alpha}", "small"),
    ("account__in={alpha}", "small"),
    ("product={pump}", "small"),
    ("product__in={pump}", "small"),
    ("competitor={rival}", "beaten"),
    ("competitor__in={rival}", "beaten"),
    ("reason=price-or-value", "priced"),
    ("reason__in=price-or-value,no-answer", "priced silent"),
    ("control=theirs&reason=lost-to-a-competitor", "beaten"),
    ("disqualified_as=duplicate", "void"),
    ("automatic=true", "silent"),
    ("automatic=false&status=lost", "beaten priced"),
    ("at_risk=true", "small"),
    ("at_risk=false&status=open", "again big unknown"),
    ("amount__gte=1000.01", "big"),
    ("amount__lte=10", "small"),
    ("amount__gte=10&amount__lte=10", "small"),
    ("closed_from=2026-04-20", "priced silent void won"),
    ("closed_to=2026-04-19", "beaten"),
    ("closed_from=2026-04-19&closed_to=2026-04-19", "beaten"),
    ("closed_at__gte=2026-04-20T08:00:00Z&status=lost", "priced silent"),
    ("closed_at__lte=2026-04-20T07:59:59Z", "beaten"),
    ("expected_close_on__gte=2026-06-01", "small"),
    ("expected_close_on__lte=2026-05-31", ""),
    ("unanswered_touches__gte=3", "small"),
    ("second_chance_of={beaten}", "again"),
    ("is_second_chance=true", "again"),
    ("external_id=X-1", "won"),
    ("external_id__in=X-1,X-2", "won"),
    ("id__in={small},{big},999999", "big small"),
    ("search=ALPHA", "small"),
    ("search=quinn", "priced"),
    ("search=X-1", "won"),
    ("search=bea", "beaten"),
    ("search=100%25", ""),
    ("search='; DROP TABLE deals_deal; --", ""),
    ("search=" + "a" * 5000, ""),
]


@pytest.mark.parametrize(("query", "titles"), FOUND)
def test_a_filter_finds(world, admin, rep, colleague, outsider, team, query, titles):
    ids = {name: row.pk for name, row in world.items()}
    ids |= {"rep": rep.pk, "colleague": colleague.pk, "outsider": outsider.pk, "team": team.pk}
    ids |= {phase: deals.stage(phase).pk for phase in ("suspect", "approach", "negotiation")}

    answer = program(admin).get(f"/deals/?{query.format(**ids)}")

    assert answer.status_code == 200
    assert sorted(row["title"] for row in answer.json()["results"]) == titles.split()


def test_a_team_takes_in_the_teams_below_it(rep, outsider, admin, team):
    below = shared.team(name="North-East", parent=team)
    person = shared.user(name="Nell", email="nell@example.com", team=below)
    Membership.objects.create(user=person, team=team)  # in both: found once
    mine, theirs = deals.deal(owner=rep), deals.deal(owner=person)
    deals.deal(owner=outsider)

    found = program(admin).get(f"/deals/?team={team.pk}").json()["results"]

    assert sorted(row["id"] for row in found) == [mine.pk, theirs.pk]


def test_days_are_those_of_the_organisation(rep, settings, now):
    settings.ORGANISATION_TIME_ZONE = "Asia/Tokyo"
    deal = deals.deal(owner=rep)
    at = dt.datetime(2026, 4, 18, 15, 0, tzinfo=dt.UTC)  # midnight of the 19th in Tokyo
    closing.lose(deal, reason=deals.reason("timing"), at=at, by=rep)
    caller = program(rep)

    counts = [
        len(caller.get(f"/deals/?closed_from={day}&closed_to={day}").json()["results"])
        for day in ("2026-04-18", "2026-04-19", "2026-04-20")
    ]

    assert counts == [0, 1, 0]


def test_a_time_without_an_offset_is_utc_wherever_the_reader_is(client, rep, now):
    rep.time_zone = "Asia/Tokyo"
    rep.save()
    closing.lose(deals.deal(owner=rep), reason=deals.reason("timing"), by=rep)
    client.force_login(rep)

    counts = [
        len(client.get(f"/api/v1/deals/?closed_at__gte={time}").json()["results"])
        for time in ("2026-04-20T08:00:00", "2026-04-20T08:00:01", "2026-04-20", "2026-04-21")
    ]

    assert counts == [1, 0, 1, 0]


def test_filters_find_only_what_one_sees(world, rep, outsider):
    found = program(rep).get("/deals/?status=lost").json()["results"]

    assert sorted(row["title"] for row in found) == ["beaten", "priced"]


@pytest.mark.parametrize("name", ["account", "contact", "owner", "team"])
def test_a_choice_that_one_does_not_see_reads_as_unknown(rep, outsider, other_team, name):
    unseen = {
        "account": deals.account(owner=outsider),
        "contact": deals.contact(owner=outsider),
        "owner": outsider,
        "team": other_team,
    }[name]
    caller = program(rep)

    answers = [caller.get(f"/deals/?{name}={pk}") for pk in (unseen.pk, 999999)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content


WRONG = [
    "status=sold",
    "status__in=won,sold",
    "stage=x",
    "stage=99999999999999999999",
    "stage__in=1,x",
    "owner__in=99999999999999999999",
    "owner__in=0",
    "amount__gte=NaN",
    "amount__gte=1e400",
    "amount__gte=0.001",
    "closed_from=yesterday",
    "closed_from=0001-01-01",
    "closed_to=9999-12-31",
    "closed_at__gte=0001-01-01T00:00:00%2B14:00",
    "unanswered_touches__gte=1.5",
    "unanswered_touches__gte=99999999999999999999",
    "automatic=1",
    "automatic=yes",
    "reason=no-such-reason",
    "second_chance_of=x",
    "closed_at=2026-01-01",
    "closed_at__gte=soon",
    "closed_at__gte=2026-13-01",
    "ordering=extra",
    "ordering=account__owner__password",
]


@pytest.mark.parametrize("query", WRONG)
def test_a_filter_that_makes_no_sense_is_400(rep, query):
    assert program(rep).get(f"/deals/?{query}").status_code == 400


def test_a_page_may_add_its_own_parameters(rep, rf):
    request = rf.get("/deals/?status=open&view=board")
    request.user = rep

    strict = DealFilters(request.GET, queryset=Deal.objects.visible_to(rep), request=request)
    page = DealFilters(
        request.GET, queryset=Deal.objects.visible_to(rep), request=request, other_params={"view"}
    )

    assert (strict.is_valid(), page.is_valid()) == (False, True)
    assert strict.errors == {"__all__": ["Unknown parameter: view."]}


QUERIES = [
    ("/deals/", 3),  # token, deals, collaborators
    ("/accounts/", 2),
    ("/contacts/", 2),
    ("/stakeholders/", 2),
    ("/stages/", 2),
    ("/products/", 2),
    ("/competitors/", 2),
    ("/loss-reasons/", 2),
    ("/events/", 2),
]


@pytest.mark.parametrize(("path", "queries"), QUERIES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_a_fixed_number_of_queries(
    rep, path, queries, rows, django_assert_num_queries
):
    for number in range(rows):
        deal = deals.deal(
            owner=rep, account=deals.account(owner=rep), contact=deals.contact(owner=rep)
        )
        deal.stakeholders.create(contact=deal.contact, role="user")
        deal.collaborators.add(rep)
        deals.product(f"Product {number}")
        deals.competitor(f"Competitor {number}")
    caller = program(rep)

    with django_assert_num_queries(queries):
        assert caller.get(path).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_of_lost_deals_takes_a_fixed_number_of_queries(rep, rows, django_assert_num_queries):
    for _number in range(rows):
        deal = deals.deal(owner=rep)
        others = [deals.reason("timing"), deals.reason("poor-fit")]
        closing.lose(deal, reason=deals.reason(), other_reasons=others, by=rep)
    caller = program(rep)

    with django_assert_num_queries(5):  # as above, and other reasons with their names
        page = caller.get("/deals/").json()

    assert page["results"][0]["outcome"]["other_reasons"] == ["timing", "poor-fit"]
