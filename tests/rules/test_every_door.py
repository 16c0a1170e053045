"""Every door: who gets which answer from every address, pages and API, and nothing unseen in any of them.

A new address fails here until it stands in a table with its answers for the whole cast. Nothing is sent with what
changes something, so who may pass is told what is missing (400, 422, 428), or does what needs no words (302).
"""

import dataclasses

import pytest
from django.contrib import admin as operator
from django.test import Client
from django.urls import reverse

from tests.rules import doors
from tests.rules.api_doors import API
from tests.rules.framework_doors import ACCOUNT

# The rep owns everything; the colleague is of the same team, the manager answers for it, the outsider is of another.
#                              anonymous rep colleague manager outsider viewer admin
PAGES = """
today:today                 GET    –         302 200 200 200 200 200 200
today:bell                  GET    –         302 200 200 200 200 200 200
today:search                GET    –         302 200 200 200 200 403 200
deals:pipeline              GET    –         302 200 200 200 200 403 200
deals:totals                GET    –         302 200 200 200 200 403 200
deals:column                GET    stage     302 200 200 200 200 403 200
deals:views                 GET    –         302 200 200 200 200 403 200
deals:views                 POST   –         302 422 422 422 422 403 422
deals:view                  GET    view      302 302 404 404 404 403 404
deals:edit-view             GET    view      302 200 404 404 404 403 404
deals:edit-view             POST   view      302 422 404 404 404 403 404
deals:forget-view           POST   view      302 302 404 404 404 403 404
deals:bulk                  GET    –         302 200 200 200 200 403 200
deals:bulk                  POST   –         302 422 422 422 422 403 422
deals:bulk-job              GET    bulk_job  302 200 404 404 404 403 200
deals:undo-bulk             POST   bulk_job  302 302 404 404 404 403 302
deals:new                   GET    –         302 200 200 200 200 403 200
deals:new                   POST   –         302 422 422 422 422 403 422
deals:deal                  GET    deal      302 200 404 200 404 404 200
deals:edit                  GET    deal      302 200 404 200 404 404 200
deals:edit                  POST   deal      302 422 404 422 404 404 422
deals:move                  GET    deal      302 200 404 200 404 404 200
deals:move                  POST   deal      302 302 404 302 404 404 302
deals:person                GET    deal      302 200 404 200 404 404 200
deals:person                POST   deal      302 422 404 422 404 404 422
deals:share                 GET    deal      302 200 404 200 404 404 200
deals:share                 POST   deal      302 302 404 302 404 404 302
deals:qualify               POST   deal      302 302 404 302 404 404 302
deals:confidence            POST   deal      302 302 404 302 404 404 302
deals:park                  GET    deal      302 200 404 200 404 404 200
deals:park                  POST   deal      302 422 404 422 404 404 422
deals:unpark                POST   deal      302 302 404 302 404 404 302
deals:send-proposal         GET    deal      302 200 404 200 404 404 200
deals:send-proposal         POST   deal      302 422 404 422 404 404 422
deals:answer-proposal       GET    proposal  302 200 404 200 404 404 200
deals:answer-proposal       POST   proposal  302 422 404 422 404 404 422
deals:objections            GET    proposal  302 200 404 200 404 404 200
deals:objections            POST   proposal  302 422 404 422 404 404 422
deals:move-order            GET    order     302 200 404 200 404 404 200
deals:move-order            POST   order     302 422 404 422 404 404 422
deals:edit-order            GET    order     302 200 404 200 404 404 200
deals:edit-order            POST   order     302 422 404 422 404 404 422
deals:repeat-order          GET    order     302 200 404 200 404 404 200
deals:repeat-order          POST   order     302 422 404 422 404 404 422
deals:value-check           GET    check     302 200 404 200 404 404 200
deals:value-check           POST   check     302 302 404 302 404 404 302
deals:remove-person         POST   stakeholder 302 302 404 302 404 404 302
deals:lose                  GET    deal      302 200 404 200 404 404 200
deals:lose                  POST   deal      302 422 404 422 404 404 422
deals:due-on                GET    deal      302 422 404 422 404 404 422
deals:win                   GET    deal      302 200 404 200 404 404 200
deals:win                   POST   deal      302 302 404 302 404 404 302
deals:disqualify            GET    deal      302 200 404 200 404 404 200
deals:disqualify            POST   deal      302 422 404 422 404 404 422
deals:closed                GET    lost      302 200 404 200 404 404 200
deals:edit-outcome          GET    lost      302 200 404 200 404 404 200
deals:edit-outcome          POST   lost      302 422 404 422 404 404 422
deals:undo-close            POST   lost      302 302 404 302 404 404 302
deals:second-chance         GET    lost      302 200 404 200 404 404 200
deals:second-chance         POST   lost      302 422 404 422 404 404 422
deals:second-chances        GET    –         302 200 200 200 200 403 200
deals:accounts              GET    –         302 200 200 200 200 403 200
deals:new-account           GET    –         302 200 200 200 200 403 200
deals:new-account           POST   –         302 422 422 422 422 403 422
deals:find-accounts         GET    –         302 200 200 200 200 403 200
deals:account               GET    account   302 200 404 200 404 404 200
deals:edit-account          GET    account   302 200 404 200 404 404 200
deals:edit-account          POST   account   302 422 404 422 404 404 422
deals:archive-account       POST   account   302 302 404 302 404 404 302
deals:restore-account       POST   account   302 302 404 302 404 404 302
deals:archive-contact       POST   contact   302 302 404 302 404 404 302
deals:restore-contact       POST   contact   302 302 404 302 404 404 302
deals:merge-account         GET    account   302 200 404 200 404 404 200
deals:merge-account         POST   account   302 200 404 200 404 404 200
deals:merge-contact         GET    contact   302 200 404 200 404 404 200
deals:merge-contact         POST   contact   302 200 404 200 404 404 200
deals:undo-merge            POST   merge     302 302 404 302 404 404 302
deals:target-lists          GET    –         302 200 200 200 200 403 200
deals:fill-list             GET    –         302 200 200 200 200 403 200
deals:fill-list             POST   –         302 422 422 422 422 403 422
deals:target-list           GET    target_list 302 200 404 200 404 403 200
deals:edit-list             GET    target_list 302 200 404 200 404 404 200
deals:edit-list             POST   target_list 302 422 404 422 404 404 422
deals:archive-list          POST   target_list 302 302 404 302 404 404 302
deals:restore-list          POST   target_list 302 302 404 302 404 404 302
deals:take-off-list         POST   target_list 302 302 404 302 404 404 302
deals:duplicates            GET    –         302 200 200 200 200 403 200
deals:contacts              GET    –         302 200 200 200 200 403 200
deals:new-contact           GET    –         302 200 200 200 200 403 200
deals:new-contact           POST   –         302 422 422 422 422 403 422
deals:contact               GET    contact   302 200 404 200 404 404 200
deals:edit-contact          GET    contact   302 200 404 200 404 404 200
deals:edit-reach            GET    contact   302 200 404 200 404 404 200
deals:edit-reach            POST   contact   302 422 404 422 404 404 422
deals:edit-consent          GET    contact   302 200 404 200 404 404 200
deals:edit-consent          POST   contact   302 422 404 422 404 404 422
deals:export-contact        GET    contact   302 200 404 200 404 404 200
deals:erase-contact         GET    contact   302 403 404 200 404 404 200
deals:erase-contact         POST   contact   302 403 404 422 404 404 422
deals:edit-contact          POST   contact   302 422 404 422 404 404 422
followups:log-touch         GET    deal      302 200 404 200 404 404 200
followups:log-touch         POST   deal      302 422 404 422 404 404 422
followups:agree-plan        GET    deal      302 200 404 200 404 404 200
followups:agree-plan        POST   deal      302 422 404 422 404 404 422
followups:plan-panel        GET    deal      302 200 404 200 404 404 200
followups:keep-open         GET    deal      302 200 404 200 404 404 200
followups:keep-open         POST   deal      302 422 404 422 404 404 422
followups:let-go            POST   deal      302 302 404 302 404 404 302
followups:persistence-panel GET    deal      302 200 404 200 404 404 200
followups:done              POST   follow_up 302 302 404 302 404 404 302
followups:skip              POST   follow_up 302 302 404 302 404 404 302
reviews:reviews             GET    –         302 200 200 200 200 403 200
reviews:review              GET    review    302 200 404 200 404 403 200
reviews:save-draft          POST   review    302 302 404 302 404 404 302
reviews:hold                POST   review    302 422 404 422 404 404 422
reviews:start               POST   lost      302 302 404 302 404 404 302
reviews:panel               GET    deal      302 204 404 204 404 404 204
reviews:buyer-view-panel    GET    deal      302 204 404 204 404 404 204
reviews:read-feedback       POST   feedback  302 302 404 302 404 404 302
referrals:asks              GET    –         302 200 200 200 200 403 200
referrals:asked             POST   ask       302 302 404 302 404 404 302
referrals:given             POST   ask       302 302 404 302 404 404 302
referrals:declined          POST   ask       302 302 404 302 404 404 302
referrals:waive             POST   ask       302 302 404 302 404 404 302
referrals:panel             GET    deal      302 204 404 204 404 404 204
reports:index               GET    –         302 200 200 200 200 200 200
reports:monthly-review      GET    –         302 200 200 200 200 200 200
reports:report              GET    report    302 200 200 200 200 200 200
imports:imports             GET    –         302 200 200 200 200 403 200
imports:imports             POST   –         302 422 422 422 422 403 422
imports:import              GET    import    302 200 404 404 404 403 200
imports:import              POST   import    302 422 404 404 404 403 422
imports:sheet               POST   import    302 302 404 404 404 403 302
imports:again               POST   import    302 302 404 404 404 403 302
imports:undo                POST   import    302 302 404 404 404 403 302
imports:decide              POST   import    302 302 404 404 404 403 302
imports:take-up             POST   import    302 302 404 404 404 403 302
imports:rejected            GET    import    302 200 404 404 404 403 200
exports:exports             GET    –         302 200 200 200 200 403 200
exports:exports             POST   –         302 422 422 422 422 403 422
exports:export              GET    export    302 200 404 404 404 403 200
exports:file                GET    export    302 200 404 404 404 403 200
reviews_public:feedback     GET    link      200 200 200 200 200 200 200
reviews_public:feedback     POST   link      422 422 422 422 422 422 422
deals_settings:stages                      GET  –  302 403 403 200 403 403 200
deals_settings:stages                      POST –  302 403 403 403 403 403 422
deals_settings:edit-stages                 GET  stage 302 403 403 403 403 403 200
deals_settings:edit-stages                 POST stage 302 403 403 403 403 403 422
deals_settings:retire-stages               POST stage 302 403 403 403 403 403 302
deals_settings:move-stages                 POST stage 302 403 403 403 403 403 302
deals_settings:reasons                     GET  –  302 403 403 200 403 403 200
deals_settings:reasons                     POST –  302 403 403 403 403 403 422
deals_settings:edit-reasons                GET  reason 302 403 403 403 403 403 200
deals_settings:edit-reasons                POST reason 302 403 403 403 403 403 422
deals_settings:retire-reasons              POST reason 302 403 403 403 403 403 302
deals_settings:merge-reasons               GET  reason 302 403 403 403 403 403 200
deals_settings:merge-reasons               POST reason 302 403 403 403 403 403 422
deals_settings:competitors                 GET  –  302 403 403 200 403 403 200
deals_settings:competitors                 POST –  302 403 403 403 403 403 422
deals_settings:edit-competitors            GET  competitor 302 403 403 403 403 403 200
deals_settings:edit-competitors            POST competitor 302 403 403 403 403 403 422
deals_settings:retire-competitors          POST competitor 302 403 403 403 403 403 302
deals_settings:merge-competitors           GET  competitor 302 403 403 403 403 403 200
deals_settings:merge-competitors           POST competitor 302 403 403 403 403 403 422
deals_settings:products                    GET  –  302 403 403 200 403 403 200
deals_settings:products                    POST –  302 403 403 403 403 403 422
deals_settings:edit-products               GET  product 302 403 403 403 403 403 200
deals_settings:edit-products               POST product 302 403 403 403 403 403 422
deals_settings:retire-products             POST product 302 403 403 403 403 403 302
deals_settings:merge-products              GET  product 302 403 403 403 403 403 200
deals_settings:merge-products              POST product 302 403 403 403 403 403 422
shared_settings:settings    GET    –         302 302 302 302 302 302 302
deals_settings:segments                    GET  –  302 403 403 200 403 403 200
deals_settings:segments                    POST –  302 403 403 403 403 403 422
deals_settings:edit-segments               GET  segment 302 403 403 403 403 403 200
deals_settings:edit-segments               POST segment 302 403 403 403 403 403 422
deals_settings:retire-segments             POST segment 302 403 403 403 403 403 302
shared_settings:people      GET    –         302 403 403 200 403 403 200
shared_settings:people      POST   –         302 403 403 403 403 403 422
shared_settings:person      GET    user      302 403 403 403 403 403 200
shared_settings:person      POST   user      302 403 403 403 403 403 422
shared_settings:leave       GET    user      302 403 403 403 403 403 200
shared_settings:leave       POST   user      302 403 403 403 403 403 422
shared_settings:come-back   POST   user      302 403 403 403 403 403 302
shared_settings:invite-again POST  user      302 403 403 403 403 403 302
shared_settings:teams       GET    –         302 403 403 200 403 403 200
shared_settings:teams       POST   –         302 403 403 403 403 403 422
shared_settings:team        GET    team      302 403 403 403 403 403 200
shared_settings:team        POST   team      302 403 403 403 403 403 422
shared:me                   GET    –         302 200 200 200 200 200 200
shared:me                   POST   –         302 422 422 422 422 422 422
mail:unsubscribe            GET    letter    200 200 200 200 200 200 200
mail:unsubscribe            POST   letter    200 200 200 200 200 200 200
api-docs                    GET    –         302 200 200 200 200 200 200
healthz                     GET    –         200 200 200 200 200 200 200
readyz                      GET    –         200 200 200 200 200 200 200
"""

CAST = {"PAGES": doors.PAGE_CAST, "ACCOUNT": doors.PAGE_CAST, "API": doors.API_CAST}
TABLES = {
    name: doors.read(table, cast=CAST[name])
    for name, table in {"PAGES": PAGES, "ACCOUNT": ACCOUNT, "API": API}.items()
}
LINK_OF_A_MAIL = (
    "account_reset_password_from_key"  # its key is secret and known only to the framework
)


def clients(people) -> dict[str, Client]:
    found = {name: Client() for name in doors.PAGE_CAST}
    for name, person in people.items():
        found[name].force_login(person)
    return found


# ---- the tables --------------------------------------------------------------------------------------


def test_every_address_is_listed():
    listed = {door.name for table in TABLES.values() for door in table}

    assert {route.name for route in doors.routes()} - {LINK_OF_A_MAIL} == listed


def test_every_method_of_the_api_is_listed():
    told = {
        (route.name, method)
        for route in doors.routes()
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert told - {(door.name, door.method) for door in TABLES["API"]} == set()


@pytest.mark.parametrize("name", ["PAGES", "ACCOUNT"])
def test_every_page_answers_the_cast_as_listed(name, people, things):
    of = clients(people)

    found = [
        (door, tuple(doors.rolled_back(of[who], door, things).status_code for who in of))
        for door in TABLES[name]
    ]

    assert [(door, got) for door, got in found if got != door.answers] == []


def test_every_page_that_is_read_answers_head_alike(people, things):
    """What looks whether a page is there asks for its head alone."""
    client = clients(people)["admin"]
    read = [door for door in TABLES["PAGES"] if door.method == "GET"]

    found = [
        (door.name, doors.rolled_back(client, dataclasses.replace(door, method="HEAD"), things))
        for door in read
    ]

    assert [
        name
        for (name, answer), door in zip(found, read, strict=True)
        if answer.status_code != door.answers[-1]
    ] == []


def test_every_api_call_answers_the_cast_as_listed(people, things):
    headers = doors.programs(people)
    client = Client()

    found = [
        (
            door,
            tuple(
                doors.rolled_back(client, door, things, **headers[who]).status_code
                for who in doors.API_CAST
            ),
        )
        for door in TABLES["API"]
    ]

    assert [(door, got) for door, got in found if got != door.answers] == []


@pytest.mark.parametrize("name", ["PAGES", "API"])
def test_a_method_that_is_not_listed_is_refused(name, people, things):
    """405, whoever asks: here the administrator."""
    headers = doors.programs(people)["all"] if name == "API" else {}
    client = Client() if name == "API" else clients(people)["admin"]
    listed = {(door.name, door.method): door for door in TABLES[name]}
    thing_of = {door.name: door.thing for door in TABLES[name]}
    others = [
        doors.Door(name, method, thing, (405,))
        for name, thing in thing_of.items()
        for method in doors.METHODS
        if (name, method) not in listed
    ]

    found = [
        (door.name, door.method, doors.rolled_back(client, door, things, **headers).status_code)
        for door in others
    ]

    assert [(name, method, status) for name, method, status in found if status != 405] == []


# ---- unseen is as if it did not exist ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PAGES", "API"])
def test_what_is_unseen_answers_to_the_byte_like_what_does_not_exist(name, people, things):
    nothing = dict.fromkeys(things, doors.NOWHERE)
    of, headers = clients(people), doors.programs(people)
    differ = []

    for door in TABLES[name]:
        for who, status in zip(CAST[name], door.answers, strict=True):
            if status != 404:
                continue
            client, sent = (Client(), headers[who]) if name == "API" else (of[who], {})
            unseen = doors.rolled_back(client, door, things, **sent)
            missing = doors.rolled_back(client, door, nothing, **sent)
            if told(unseen, things[door.thing]) != told(missing, doors.NOWHERE):
                differ.append((door.name, door.method, who))

    assert differ == []


def told(answer, number) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, body and headers, but for the number asked for and what counts requests."""
    headers = [(name, value) for name, value in answer.items() if name != "RateLimit"]
    body = answer.content_shown.replace(f"/{number}/".encode(), b"/the number/")
    same_length = {(name, value) for name, value in headers if name != "Content-Length"}
    return answer.status_code, body, sorted(same_length)


# ---- the operator's pages ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["anonymous", "rep", "manager", "viewer", "admin"])
def test_the_operators_pages_open_to_nobody_of_the_cast(who, people):
    """Who runs the machine is named by the machine (is_staff), not by a role."""
    client = clients(people)[who]
    paths = [reverse("admin:index")] + [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in operator.site._registry  # noqa: SLF001  (there is no other list)
    ]

    found = {path: client.get(path) for path in paths}

    assert {path: answer.status_code for path, answer in found.items()} == dict.fromkeys(paths, 302)
    assert {answer["Location"].partition("?")[0] for answer in found.values()} <= {
        "/operator/login/",
        "/account/login/",
    }
