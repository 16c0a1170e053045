"""The settings pages of deals: who may, what they do, and what is kept of it."""

import pytest

from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord
from deals.actions import closing, merging, setup
from deals.models import Competitor, Deal, LossReason, OtherReason, Outcome, Product, Stage
from reviews.models import BuyerFeedback
from tests.factories import deals as make
from tests.factories import reviews


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def said(name):
    return EventRecord.objects.filter(name=name).order_by("pk").last()


def test_a_reason_is_added_changed_retired_and_restored(page):
    new = {"name": "Погода", "control": "theirs", "revisit_after_days": 30}
    assert page.post("/settings/reasons/", new).status_code == 302
    reason = LossReason.objects.get(name="Погода")
    assert (reason.slug, reason.revisit_after_days) == ("reason", 30)
    assert page.post("/settings/reasons/", new).status_code == 422
    page.post("/settings/reasons/", new | {"name": "Ещё"})
    assert LossReason.objects.get(name="Ещё").slug == "reason-2"

    path = f"/settings/reasons/{reason.pk}/"
    assert page.get(path).status_code == 200
    page.post(path, {"name": "Weather", "control": "theirs", "version": reason.version})
    assert said("setup.changed").data["changes"] == {
        "name": ["Погода", "Weather"],
        "revisit_after_days": ["30", ""],
    }
    page.post(f"{path}retire/")
    assert "Weather" in [one.name for one in page.get("/settings/reasons/").context["retired"]]
    page.post(f"{path}retire/")
    reason.refresh_from_db()
    assert (reason.archived_at, said("setup.changed").data["how"]) == (None, "restored")


def test_the_systems_own_reason_stays(page):
    reason = make.reason("no-answer")

    page.post(f"/settings/reasons/{reason.pk}/retire/")

    reason.refresh_from_db()
    assert reason.archived_at is None
    with pytest.raises(ActionRefused):
        merging.merge(reason, into=make.reason(), by=None)


@pytest.mark.parametrize(("slug", "model"), [("products", Product), ("competitors", Competitor)])
def test_products_and_competitors_are_added_renamed_and_retired(page, slug, model):
    page.post(f"/settings/{slug}/", {"name": "Pumps"})
    page.post(f"/settings/{slug}/", {"name": "Valves"})
    thing = model.objects.get(name="Pumps")
    path = f"/settings/{slug}/{thing.pk}/"

    assert page.get(path).context["form"]["name"].value() == "Pumps"
    assert page.post(path, {"name": "valves", "version": thing.version}).status_code == 422
    assert page.post(path, {"name": "Pump", "version": thing.version}).status_code == 302
    page.post(f"{path}retire/")

    thing.refresh_from_db()
    assert (thing.name, thing.archived_at is None) == ("Pump", False)


def test_two_reasons_become_one_and_all_history_moves(page, rep, admin):
    old, new, third = (make.reason(slug) for slug in ("timing", "no-decision", "budget-gone"))

    def lose(reason, *others):
        return closing.lose(make.deal(owner=rep), reason=reason, by=rep, other_reasons=others)

    plain, also, both, crossed = lose(old), lose(third, old), lose(third, old, new), lose(old, new)
    BuyerFeedback.objects.all().delete()
    answered = reviews.answered(owner=rep, invited=reviews.sent_invitation(owner=rep))
    BuyerFeedback.objects.filter(pk=answered.pk).update(reason=old)

    answer = page.post(f"/settings/reasons/{old.pk}/merge/", {"into": new.pk})

    assert answer.status_code == 302
    assert not Outcome.objects.filter(reason=old).exists()
    assert not OtherReason.objects.filter(reason=old).exists()
    reasons = {
        one.pk: [one.reason, *(other.reason for other in one.other_reasons.all())]
        for one in Outcome.objects.filter(pk__in=[plain.pk, also.pk, both.pk, crossed.pk])
    }
    assert reasons == {
        plain.pk: [new],
        also.pk: [third, new],
        both.pk: [third, new],
        crossed.pk: [new],
    }
    assert BuyerFeedback.objects.get(pk=answered.pk).reason == new
    old.refresh_from_db()
    assert old.archived_at is not None
    record = said("setup.merged")
    assert (record.actor, record.data["merged_title"], record.data["title"]) == (
        admin,
        "Timing",
        "No decision",
    )


def test_products_and_competitors_merge_too(page, rep):
    one, other = make.product("Pump"), make.product("Pumps")
    deal = make.deal(owner=rep, product=one)
    rival, twin = make.competitor("Frost"), make.competitor("Frostwatch")
    lost = closing.lose(deal, reason=make.reason(), by=rep, competitor=rival)

    page.post(f"/settings/products/{one.pk}/merge/", {"into": other.pk})
    page.post(f"/settings/competitors/{rival.pk}/merge/", {"into": twin.pk})

    assert Deal.objects.get(pk=deal.pk).product == other
    assert Outcome.objects.get(pk=lost.pk).competitor == twin


def test_nothing_merges_into_itself_or_into_what_is_retired(page, admin):
    one, other = make.product("Pump"), make.product("Pumps")
    setup.retire(other, by=admin)

    with pytest.raises(ActionRefused):
        merging.merge(one, into=one, by=admin)
    with pytest.raises(ActionRefused):
        merging.merge(one, into=other, by=admin)
    assert page.post(f"/settings/products/{one.pk}/merge/", {"into": one.pk}).status_code == 422


# ---- stages ------------------------------------------------------------------------------------------


def names():
    return [stage.name for stage in Stage.objects.current()]


NEW = {"name": "Trial", "phase": "approach", "probability": 40, "stuck_after_days": 9}


def test_a_stage_comes_in_at_the_end_of_its_phase_and_moves(page):
    before = names()
    page.post("/settings/stages/", NEW | {"interval_days": 5})
    trial = Stage.objects.get(name="Trial")
    assert names() == [*before[:3], "Trial", *before[3:]]

    page.post(f"/settings/stages/{trial.pk}/move/", {"to": "up"})
    assert names()[2] == "Trial"
    page.post(f"/settings/stages/{trial.pk}/move/", {"to": "down"})
    assert names()[3] == "Trial"
    first, last = Stage.objects.current()[0], Stage.objects.current().last()
    page.post(f"/settings/stages/{first.pk}/move/", {"to": "up"})
    page.post(f"/settings/stages/{last.pk}/move/", {"to": "up"})
    assert (names()[0], names()[-1]) == (first.name, last.name)
    assert page.post("/settings/stages/", {"name": "X"}).status_code == 422


def test_a_stage_is_retired_only_when_no_open_deal_stands_in_it(page, rep, admin):
    deal = make.deal(owner=rep)

    page.post(f"/settings/stages/{deal.stage_id}/retire/")
    assert deal.stage.name in names()
    with pytest.raises(ActionRefused):
        setup.edit_stage(deal.stage, by=admin, phase="order")
    with pytest.raises(ActionRefused):
        setup.retire_stage(make.stage("order"), by=admin)
    closing.disqualify(deal, by=rep, disqualified_as="duplicate")
    page.post(f"/settings/stages/{deal.stage_id}/retire/")
    assert deal.stage.name not in names()
    left = list(Stage.objects.current().exclude(phase="order"))
    for stage in left[:-1]:
        setup.retire_stage(stage, by=admin)
    with pytest.raises(ActionRefused):
        setup.retire_stage(left[-1], by=admin)
    with pytest.raises(ActionRefused):
        setup.edit_stage(left[-1], by=admin, slug="x")


def test_managers_read_and_have_no_button(client, manager):
    client.force_login(manager)

    for slug in ("stages", "reasons", "products", "competitors"):
        answer = client.get(f"/settings/{slug}/")
        assert (answer.status_code, b"retire/" in answer.content) == (200, False)


def test_an_administrator_finds_what_can_be_done_beside_each(page):
    reasons = page.get("/settings/reasons/").content.decode()
    stages = page.get("/settings/stages/").content.decode()

    assert "Merge: Timing" in reasons
    assert "Merge: No answer" not in reasons
    assert ("Up: Prospect" in stages, "Up: Suspect" in stages) == (True, False)
