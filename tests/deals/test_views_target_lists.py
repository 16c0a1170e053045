"""Pages of target lists and segments, and what else names them: bulk edit, new deals, filters."""

import pytest

from deals.models import Account, Deal, Segment, SegmentPin, Suspect, TargetList
from tests.factories import deals as make


def on(found):
    return sorted(row.account.name for row in Suspect.objects.filter(target_list=found))


@pytest.mark.practice("C2")
def test_ticked_accounts_and_those_of_a_filter_go_on_a_list(client, rep, outsider):
    client.force_login(rep)
    one = make.account(owner=rep, name="One", country="IT")
    make.account(owner=rep, name="Two", country="IT")
    make.account(owner=rep, name="Three")
    unseen = make.account(owner=outsider, name="Unseen", country="IT")

    page = client.get("/accounts/lists/fill/", {"account": one.pk})
    assert page.context["count"] == 1
    nameless = client.post("/accounts/lists/fill/", {"account": one.pk, "source": "Fair"})
    assert (nameless.status_code, b"Fair" in nameless.content) == (422, True)
    client.post("/accounts/lists/fill/", {"account": one.pk, "name": "Fair"})
    found = TargetList.objects.get()
    assert (on(found), found.owner) == (["One"], rep)

    asked = {"all": "all", "of": "country=IT"}
    page = client.get("/accounts/lists/fill/", asked)
    assert page.context["form"]["criteria"].value() == "Country: IT"
    client.post("/accounts/lists/fill/", asked | {"target_list": found.pk})
    assert on(found) == ["One", "Two"]
    again = client.post("/accounts/lists/fill/", {"name": "fair"})
    assert again.status_code == 409
    for wrong in ({"account": unseen.pk}, {"account": "x"}, {"all": "all", "of": "colour=red"}):
        assert client.get("/accounts/lists/fill/", wrong).status_code == 404


@pytest.mark.practice("C2")
def test_a_list_shows_its_funnel_and_each_figure_is_as_many_as_its_link_opens(client, rep):
    client.force_login(rep)
    full = make.account(owner=rep, industry="Food", country="IT", website="a.it", employees=9)
    make.contact(owner=rep, account=full)
    bare = make.account(owner=rep, name="Bare")
    found = make.target_list(full, bare, owner=rep, source="Fair")
    make.deal(owner=rep, account=full, target_list=found)
    make.won(owner=rep, account=full, target_list=found)

    page = client.get(f"/accounts/lists/{found.pk}/")
    lists = client.get("/accounts/lists/")
    lacking = client.get(f"/accounts/lists/{found.pk}/?lacks=website")

    said = {row["account"].name: row["missing"] for row in page.context["rows"]}
    assert said[full.name] == []
    assert said["Bare"][:2] == ["industry", "country"]
    assert [row["account"].name for row in lacking.context["rows"]] == ["Bare"]
    assert lists.context["rows"][0]["funnel"].suspects == 2
    steps = [(step.count, href) for step, href in page.context["steps"]]
    figures = [
        *steps,
        *(
            (1 if status in ("open", "won") else 0, href)
            for status, href in page.context["links"].items()
        ),
    ]
    for count, href in figures:
        assert len(client.get(href).context["rows"]) == count, href
    assert sum(count for count, _href in steps) == 1


def test_a_deal_opened_from_a_suspect_carries_its_list(client, rep):
    client.force_login(rep)
    account = make.account(owner=rep)
    found = make.target_list(account, owner=rep)

    page = client.get(f"/deals/new/?account={account.pk}&target_list={found.pk}")
    said = {"title": "Pumps", "account": account.pk, "owner": rep.pk}
    assert page.context["form"]["target_list"].value() == str(found.pk)
    opened = client.post("/deals/new/", said | {"target_list": found.pk})

    deal = Deal.objects.get()
    assert deal.target_list == found
    assert found.name in client.get(opened["Location"]).content.decode()


def test_a_list_is_edited_emptied_archived_and_restored(client, rep, colleague, manager):
    client.force_login(manager)
    account = make.account(owner=rep)
    found = make.target_list(account, owner=manager, name="Fair")
    path = f"/accounts/lists/{found.pk}/"

    said = {"name": "Fair 2026", "owner": manager.pk, "version": 1}
    assert client.post(f"{path}edit/", said).status_code == 302
    late = client.post(f"{path}edit/", said | {"name": "Late", "initial-name": "Fair"})
    assert (late.status_code, b"Late" in late.content) == (409, True)
    client.post(f"{path}take-off/", {"account": account.pk})
    assert on(found) == []
    client.post(f"{path}archive/")
    assert client.get("/accounts/lists/").context["rows"] == []
    assert len(client.get("/accounts/lists/?archived=true").context["rows"]) == 1
    client.post(f"{path}restore/")
    found.refresh_from_db()
    assert (found.name, found.archived_at, found.version) == ("Fair 2026", None, 4)

    Suspect.objects.create(target_list=found, account=account, at=found.created_at)
    client.force_login(rep)
    assert client.get(path).status_code == 200
    assert client.post(f"{path}archive/").status_code == 403


@pytest.mark.practice("C2")
def test_an_administrator_defines_a_segment_and_sees_how_many_are_in_it(client, admin, rep):
    client.force_login(admin)
    make.account(owner=rep, country="IT", industry="Food", employees=70)
    make.account(owner=rep, country="IT", industry="FOOD")
    make.account(owner=rep, country="FR", industry="Steel")

    said = {"name": "Italian food", "countries": "it, ch", "industries": "food\nWine"}
    assert client.post("/settings/segments/", said).status_code == 302
    segment = Segment.objects.get()
    assert (segment.countries, segment.industries) == (["IT", "CH"], ["FOOD", "Food", "Wine"])
    row = client.get("/settings/segments/").context["rows"][0]
    assert (row["count"], row["cells"]) == (2, ["IT, CH · FOOD, Food, Wine"])
    path, said = f"/settings/segments/{segment.pk}/", said | {"version": segment.version}
    assert client.get(path).context["form"]["industries"].value() == "FOOD\nFood\nWine"
    wrong = said | {"countries": "Italy"}
    assert client.post(path, wrong).context["form"].errors.keys() == {"countries"}
    assert client.post(path, said | {"employees_from": 60, "employees_to": 50}).status_code == 422
    assert client.post(path, said | {"employees_from": 60}).status_code == 302
    assert client.get("/settings/segments/").context["rows"][0]["count"] == 1
    found = client.get(f"/accounts/?segment={segment.pk}")
    assert [row["account"].employees for row in found.context["rows"]] == [70]
    assert client.post(f"{path}retire/").status_code == 302


def test_many_deals_get_a_list_and_their_accounts_a_segment_at_once(client, rep):
    client.force_login(rep)
    account = make.account(owner=rep)
    with_account, without = make.deal(owner=rep, account=account), make.deal(owner=rep)
    found, segment = make.target_list(owner=rep), make.segment()
    both = {"deal": [with_account.pk, without.pk]}

    client.post("/deals/bulk/", both | {"what": "target_list", "target_list": found.pk})
    assert set(Deal.objects.values_list("target_list", flat=True)) == {found.pk}
    client.post("/deals/bulk/", both | {"what": "target_list"})
    assert set(Deal.objects.values_list("target_list", flat=True)) == {None}
    job = client.post("/deals/bulk/", both | {"what": "segment", "segment": segment.pk})
    refused = client.get(job["Location"]).context["refused"]
    assert [(row.deal, row.why) for row in refused] == [(without, "This deal has no account.")]
    assert list(Account.objects.in_segment(segment)) == [account]
    listed = client.get(f"/deals/?segment={segment.pk}&view=table")
    assert [row.deal for row in listed.context["rows"]] == [with_account]
    taken_out = both | {"what": "segment", "segment": segment.pk, "take_out": "on"}
    client.post("/deals/bulk/", taken_out)
    assert SegmentPin.objects.count() == 0


def test_an_account_says_which_segments_and_lists_it_is_in(client, rep, outsider):
    client.force_login(rep)
    account = make.account(owner=rep, country="IT", industry="Food")
    make.target_list(account, owner=rep, name="Mine")
    make.segment("Fits")
    make.segment("Fits not", countries=["FR"])

    page = client.get(f"/accounts/{account.pk}/")

    assert [str(one) for one in page.context["segments"]] == ["Fits"]
    assert [str(one) for one in page.context["lists"]] == ["Mine"]
