"""Views of the pipeline under a name: kept, opened, shared, let go; and the columns they choose."""

import pytest

from deals.models import SavedView
from deals.states import Sharing
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

VIEWS = "/deals/views/"


def names(answer) -> list[str]:
    return [view.name for view in answer.context["saved"]]


def keep(client, of: str, **fields):
    return client.post(VIEWS, {"of": of, "name": "Large ones", "shared_with": "nobody"} | fields)


def test_a_view_is_kept_by_its_filters_and_columns_in_one_order(client, rep):
    client.force_login(rep)

    answer = keep(client, "view=table&status=open&columns=owner,amount&amount__gte=5000&search=")

    view = SavedView.objects.get()
    assert view.query == "amount__gte=5000&columns=owner%2Camount&status=open&view=table"
    assert (answer.url, view.view) == (f"/deals/?{view.query}", "table")
    shown = client.get(f"{VIEWS}{view.pk}/", follow=True)
    assert shown.context["saved_as"] == view
    assert [column.name for column in shown.context["columns"]] == ["amount", "owner"]


def test_a_view_of_the_same_name_is_changed(client, rep):
    client.force_login(rep)

    keep(client, "status=lost&view=table")
    keep(client, "status=&view=table")

    assert SavedView.objects.get().query == "status=&view=table"


def test_what_makes_no_sense_is_not_kept(client, rep):
    client.force_login(rep)

    answer = keep(client, "colour=red")

    assert (answer.status_code, SavedView.objects.count()) == (422, 0)
    assert answer.context["form"].non_field_errors()


def test_the_pipeline_opens_with_the_default_view(client, rep):
    client.force_login(rep)
    keep(client, "status=lost&view=table", is_default="on")
    keep(client, "status=won&view=table", name="Won", is_default="on")

    bare, asked = client.get("/deals/"), client.get("/deals/?view=board")

    assert bare.url == "/deals/?status=won&view=table"
    assert asked.status_code == 200
    assert SavedView.objects.get(is_default=True).name == "Won"


def test_a_view_is_seen_by_whom_it_is_shared_with(client, rep, colleague, manager, outsider):
    make.saved_view(owner=rep, name="Mine")
    make.saved_view(owner=rep, name="Ours", shared_with=Sharing.TEAM)
    make.saved_view(owner=rep, name="Everybody's", shared_with=Sharing.ALL)

    seen = {}
    for person in (rep, colleague, outsider):
        client.force_login(person)
        seen[person.name] = names(client.get(VIEWS))

    assert seen == {
        rep.name: ["Everybody's", "Mine", "Ours"],
        colleague.name: ["Everybody's", "Ours"],
        outsider.name: ["Everybody's"],
    }


def test_only_who_keeps_it_changes_it_and_an_administrator(client, rep, colleague, admin):
    view = make.saved_view(owner=rep, shared_with=Sharing.ALL)
    paths = [f"{VIEWS}{view.pk}/edit/", f"{VIEWS}{view.pk}/forget/"]

    client.force_login(colleague)
    refused = [client.post(path).status_code for path in paths]
    client.force_login(admin)
    client.post(paths[0], {"name": "Tidied", "shared_with": "all"})

    view.refresh_from_db()
    assert (refused, view.name) == ([403, 403], "Tidied")


def test_a_view_is_renamed_shared_and_made_the_default(client, rep):
    view = make.saved_view(owner=rep)
    client.force_login(rep)

    asked = client.get(f"{VIEWS}{view.pk}/edit/")
    answer = client.post(
        f"{VIEWS}{view.pk}/edit/", {"name": "Late", "shared_with": "team", "is_default": "on"}
    )

    view.refresh_from_db()
    assert (asked.status_code, answer.url) == (200, VIEWS)
    assert (view.name, view.shared_with, view.is_default) == ("Late", "team", True)
    assert view.query == "status=open&view=table"


def test_no_two_of_one_person_have_one_name(client, rep):
    make.saved_view(owner=rep, name="Late")
    view = make.saved_view(owner=rep)
    client.force_login(rep)

    answer = client.post(f"{VIEWS}{view.pk}/edit/", {"name": "Late", "shared_with": "nobody"})

    assert answer.status_code == 409
    assert set(answer.context["form"].errors) == {"name"}


def test_a_view_can_be_let_go(client, rep):
    view = make.saved_view(owner=rep)
    client.force_login(rep)

    client.post(f"{VIEWS}{view.pk}/forget/")

    assert not SavedView.objects.exists()


def test_columns_ticked_without_a_script_are_one_list(client, rep):
    make.deal(owner=rep)
    client.force_login(rep)

    answer = client.get("/deals/?view=table&columns=source&columns=stage&columns=nonsense")

    assert [column.name for column in answer.context["columns"]] == ["stage", "source"]


def test_every_column_shows_something_of_every_deal(client, rep, now):
    contact = make.contact(owner=rep, name="Dana")
    make.deal(owner=rep, contact=contact, product=make.product("Probe"), source="Fair")
    client.force_login(rep)
    every = client.get("/deals/?view=table").context["all_columns"]

    page = client.get(
        f"/deals/?view=table&status=&columns={','.join(one.name for one in every)}"
    ).content.decode()

    assert all(word in page for word in ("Dana", "Probe", "Fair", rep.name, "never contacted"))
