"""Taking a list out by hand."""

import pytest
from django.test import Client

from crm.exports import running
from crm.exports.models import Export
from crm.shared.models import User
from tests.factories import deals, exports

pytestmark = pytest.mark.django_db


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("/deals/?view=table", "/exports/?kind=deals&amp;status=open"),
        ("/accounts/?search=a", "/exports/?search=a&amp;kind=accounts"),
        ("/contacts/", "/exports/?kind=contacts"),
    ],
)
def test_a_list_leads_to_its_export(client: Client, rep: User, page: str, link: str) -> None:
    client.force_login(rep)
    account = deals.account(owner=rep)
    deals.deal(owner=rep, account=account, contact=deals.contact(owner=rep, account=account))

    assert link in client.get(page).content.decode()


def test_from_the_list_to_the_file(client: Client, rep: User) -> None:
    client.force_login(rep)
    deals.deal(owner=rep, title="Large", amount="2000.00")
    deals.deal(owner=rep, title="Small", amount="10.00")

    asked = client.get("/exports/?kind=deals&status=open&amount__gte=100").content.decode()
    answer = client.post(
        "/exports/",
        {"kind": "deals", "file_format": "csv", "query": "status=open&amount__gte=100"},
    )

    assert "Amount from: 100" in asked
    assert "Status: Open" in asked
    assert answer["Content-Disposition"] == 'attachment; filename="deals-2026-04-20.csv"'
    text = content(answer).decode("utf-8-sig")
    assert ("Large" in text, "Small" in text) == (True, False)


def test_a_workbook_is_sent_as_one(client: Client, rep: User) -> None:
    client.force_login(rep)

    answer = client.post("/exports/", {"kind": "accounts", "file_format": "xlsx"})

    assert content(answer)[:2] == b"PK"
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")


def test_a_long_list_shows_how_far_it_is_then_the_file(
    client: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 0)
    client.force_login(rep)
    deals.deal(owner=rep)

    answer = client.post("/exports/", {"kind": "deals", "file_format": "csv"})
    path = answer["Location"]
    early = client.get(f"{path}file/").status_code
    waiting = client.get(path, headers={"HX-Request": "true"}).content.decode()
    running.run(Export.objects.get().pk)
    done = client.get(path).content.decode()

    assert ("every 1s" in waiting, "every 1s" in done, "<html" in waiting) == (True, False, False)
    assert early == 404
    assert f"{path}file/" in done
    assert content(client.get(f"{path}file/")).startswith(b"\xef\xbb\xbf")


def test_an_address_that_the_list_does_not_know_says_so(client: Client, rep: User) -> None:
    client.force_login(rep)

    answer = client.get("/exports/?kind=deals&colour=red")
    sent = client.post("/exports/", {"kind": "deals", "file_format": "csv", "query": "colour=red"})

    assert (answer.status_code, sent.status_code) == (400, 422)
    for one in (answer, sent):
        assert "Nothing is taken out" in one.content.decode()


def test_without_a_list_one_is_chosen(client: Client, rep: User) -> None:
    client.force_login(rep)
    exports.export(by=rep)

    page = client.get("/exports/").content.decode()

    assert 'name="kind"' in page
    assert "deals-2026-04-20.csv" in page


def test_a_file_that_is_gone_is_not_found(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = exports.export(by=rep)
    job.path.unlink()

    assert client.get(f"/exports/{job.pk}/file/").status_code == 404


def test_only_the_asker_and_administrators_fetch_it(
    client: Client, rep: User, manager: User, outsider: User, viewer: User, admin: User
) -> None:
    job = exports.export(by=rep)

    statuses = []
    for person in (rep, manager, outsider, viewer, admin):
        client.force_login(person)
        answer = client.get(f"/exports/{job.pk}/file/")
        statuses.append(answer.status_code)
        _read = content(answer) if answer.streaming else b""

    assert statuses == [200, 404, 404, 403, 200]
