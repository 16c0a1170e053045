"""Every door: who gets which answer from every address, pages and API, and nothing unseen in any of them.

A new address fails here until it stands in a table with its answers for the whole cast. Nothing is sent with what
changes something, so who may pass is told what is missing (400, 422, 428), or does what needs no words (302).
"""

import pytest
from django.contrib import admin as operator
from django.test import Client
from django.urls import reverse

from tests.rules import doors

# The rep owns everything; the colleague is of the same team, the manager answers for it, the outsider is of another.
#                              anonymous rep colleague manager outsider viewer admin
PAGES = """
today:today                 GET    –         302 200 200 200 200 200 200
today:bell                  GET    –         302 200 200 200 200 200 200
deals:pipeline              GET    –         302 200 200 200 200 403 200
deals:totals                GET    –         302 200 200 200 200 403 200
deals:bulk                  GET    –         302 200 200 200 200 403 200
deals:bulk                  POST   –         302 422 422 422 422 403 422
deals:new                   GET    –         302 200 200 200 200 403 200
deals:new                   POST   –         302 422 422 422 422 403 422
deals:deal                  GET    deal      302 200 404 200 404 404 200
deals:edit                  GET    deal      302 200 404 200 404 404 200
deals:edit                  POST   deal      302 422 404 422 404 404 422
deals:move                  POST   deal      302 302 404 302 404 404 302
deals:person                GET    deal      302 200 404 200 404 404 200
deals:person                POST   deal      302 422 404 422 404 404 422
deals:lose                  GET    deal      302 200 404 200 404 404 200
deals:lose                  POST   deal      302 422 404 422 404 404 422
deals:due-on                GET    deal      302 422 404 422 404 404 422
deals:win                   GET    deal      302 200 404 200 404 404 200
deals:win                   POST   deal      302 302 404 302 404 404 302
deals:disqualify            GET    deal      302 200 404 200 404 404 200
deals:disqualify            POST   deal      302 422 404 422 404 404 422
deals:closed                GET    lost      302 200 404 200 404 404 200
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
deals:new-contact           GET    –         302 200 200 200 200 403 200
deals:new-contact           POST   –         302 422 422 422 422 403 422
deals:contact               GET    contact   302 200 404 200 404 404 200
deals:edit-contact          GET    contact   302 200 404 200 404 404 200
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
imports:again               POST   import    302 302 404 404 404 403 302
imports:rejected            GET    import    302 200 404 404 404 403 200
reviews_public:feedback     GET    link      200 200 200 200 200 200 200
reviews_public:feedback     POST   link      422 422 422 422 422 422 422
shared:me                   GET    –         302 200 200 200 200 200 200
shared:me                   POST   –         302 422 422 422 422 422 422
mail:unsubscribe            GET    letter    200 200 200 200 200 200 200
mail:unsubscribe            POST   letter    200 200 200 200 200 200 200
api-docs                    GET    –         302 200 200 200 200 200 200
healthz                     GET    –         200 200 200 200 200 200 200
readyz                      GET    –         200 200 200 200 200 200 200
"""

# The sign-in pages of the framework: anybody may ask; what they change is behind a password asked for again.
ACCOUNT = """
account_login                        GET    –   200 302 302 302 302 302 302
account_login                        POST   –   200 302 302 302 302 302 302
account_logout                       GET    –   302 200 200 200 200 200 200
account_logout                       POST   –   302 302 302 302 302 302 302
account_inactive                     GET    –   200 200 200 200 200 200 200
account_signup                       GET    –   200 200 200 200 200 200 200
account_signup                       POST   –   200 200 200 200 200 200 200
account_reauthenticate               GET    –   302 302 302 302 302 302 302
account_reauthenticate               POST   –   302 302 302 302 302 302 302
account_email                        GET    –   302 302 302 302 302 302 302
account_email                        POST   –   302 302 302 302 302 302 302
account_email_verification_sent      GET    –   200 200 200 200 200 200 200
account_change_password              GET    –   302 302 302 302 302 302 302
account_change_password              POST   –   302 302 302 302 302 302 302
account_set_password                 GET    –   302 302 302 302 302 302 302
account_set_password                 POST   –   302 302 302 302 302 302 302
account_reset_password               GET    –   200 200 200 200 200 200 200
account_reset_password               POST   –   200 200 200 200 200 200 200
account_confirm_login_code           GET    –   302 302 302 302 302 302 302
account_confirm_login_code           POST   –   302 302 302 302 302 302 302
account_confirm_email                GET    key 200 200 200 200 200 200 200
account_confirm_email                POST   key 404 404 404 404 404 404 404
account_reset_password_from_key_done GET    –   200 200 200 200 200 200 200
account_reset_password_done          GET    –   200 200 200 200 200 200 200
"""

# Programs: without a token, with one that ended, the rep's that only reads, then a writing token of each of the cast,
# and the administrator's that may set up.  none expired read rep colleague manager outsider viewer admin all
API = """
api-me                          GET    –           401 401 200 200 200 200 200 200 200 200
api-schema                      GET    –           401 401 200 200 200 200 200 200 200 200
api-report                      GET    report      401 401 200 200 200 200 200 200 200 200
api-users-list                  GET    –           401 401 200 200 200 200 200 200 200 200
api-users-detail                GET    user        401 401 200 200 404 200 404 404 200 200
api-teams-list                  GET    –           401 401 200 200 200 200 200 200 200 200
api-teams-detail                GET    team        401 401 200 200 200 200 404 404 200 200
api-accounts-list               GET    –           401 401 200 200 200 200 200 200 200 200
api-accounts-list               POST   –           401 401 403 400 400 400 400 403 400 400
api-accounts-bulk               POST   –           401 401 403 400 400 400 400 403 400 400
api-accounts-detail             GET    account     401 401 200 200 404 200 404 404 200 200
api-accounts-detail             PATCH  account     401 401 403 428 404 428 404 404 428 428
api-contacts-list               GET    –           401 401 200 200 200 200 200 200 200 200
api-contacts-list               POST   –           401 401 403 400 400 400 400 403 400 400
api-contacts-bulk               POST   –           401 401 403 400 400 400 400 403 400 400
api-contacts-detail             GET    contact     401 401 200 200 404 200 404 404 200 200
api-contacts-detail             PATCH  contact     401 401 403 428 404 428 404 404 428 428
api-deals-list                  GET    –           401 401 200 200 200 200 200 200 200 200
api-deals-list                  POST   –           401 401 403 400 400 400 400 403 400 400
api-deals-bulk                  POST   –           401 401 403 400 400 400 400 403 400 400
api-deals-detail                GET    deal        401 401 200 200 404 200 404 404 200 200
api-deals-detail                PATCH  deal        401 401 403 428 404 428 404 404 428 428
api-deals-disqualify            POST   deal        401 401 403 428 404 428 404 404 428 428
api-deals-lose                  POST   deal        401 401 403 428 404 428 404 404 428 428
api-deals-move                  POST   deal        401 401 403 428 404 428 404 404 428 428
api-deals-second-chance         POST   deal        401 401 403 409 404 409 404 404 409 409
api-deals-timeline              GET    deal        401 401 200 200 404 200 404 404 200 200
api-deals-undo-close            POST   deal        401 401 403 428 404 428 404 404 428 428
api-deals-win                   POST   deal        401 401 403 428 404 428 404 404 428 428
api-stakeholders-list           GET    –           401 401 200 200 200 200 200 200 200 200
api-stakeholders-list           POST   –           401 401 403 400 400 400 400 403 400 400
api-stakeholders-detail         GET    stakeholder 401 401 200 200 404 200 404 404 200 200
api-stakeholders-detail         PATCH  stakeholder 401 401 403 200 404 200 404 404 200 200
api-stages-list                 GET    –           401 401 200 200 200 200 200 200 200 200
api-stages-list                 POST   –           401 401 403 403 403 403 403 403 403 400
api-stages-detail               GET    stage       401 401 200 200 200 200 200 200 200 200
api-stages-detail               PATCH  stage       401 401 403 403 403 403 403 403 403 200
api-products-list               GET    –           401 401 200 200 200 200 200 200 200 200
api-products-list               POST   –           401 401 403 403 403 403 403 403 403 400
api-products-detail             GET    product     401 401 200 200 200 200 200 200 200 200
api-competitors-list            GET    –           401 401 200 200 200 200 200 200 200 200
api-competitors-list            POST   –           401 401 403 403 403 403 403 403 403 400
api-competitors-detail          GET    competitor  401 401 200 200 200 200 200 200 200 200
api-loss-reasons-list           GET    –           401 401 200 200 200 200 200 200 200 200
api-loss-reasons-list           POST   –           401 401 403 403 403 403 403 403 403 400
api-loss-reasons-detail         GET    reason      401 401 200 200 200 200 200 200 200 200
api-loss-reasons-detail         PATCH  reason      401 401 403 403 403 403 403 403 403 200
api-loss-reasons-detail         DELETE reason      401 401 403 403 403 403 403 403 403 204
api-events-list                 GET    –           401 401 200 200 200 200 200 200 200 200
api-touches-list                GET    –           401 401 200 200 200 200 200 200 200 200
api-touches-list                POST   –           401 401 403 400 400 400 400 403 400 400
api-touches-bulk                POST   –           401 401 403 400 400 400 400 403 400 400
api-touches-detail              GET    touch       401 401 200 200 404 200 404 404 200 200
api-plans-list                  GET    –           401 401 200 200 200 200 200 200 200 200
api-plans-list                  POST   –           401 401 403 400 400 400 400 403 400 400
api-plans-detail                GET    plan        401 401 200 200 404 200 404 404 200 200
api-plans-detail                PATCH  plan        401 401 403 428 404 428 404 404 428 428
api-follow-ups-list             GET    –           401 401 200 200 200 200 200 200 200 200
api-follow-ups-detail           GET    follow_up   401 401 200 200 404 200 404 404 200 200
api-follow-ups-done             POST   follow_up   401 401 403 428 404 428 404 404 428 428
api-follow-ups-skip             POST   follow_up   401 401 403 428 404 428 404 404 428 428
api-stop-rules-list             GET    –           401 401 200 200 200 200 200 200 200 200
api-stop-rules-list             POST   –           401 401 403 403 403 403 403 403 403 400
api-stop-rules-detail           GET    rule        401 401 200 200 404 200 404 404 200 200
api-stop-rules-detail           PATCH  rule        401 401 403 403 403 403 403 403 403 428
api-stop-rules-detail           DELETE rule        401 401 403 403 403 403 403 403 403 428
api-deals-more-keep-open        POST   deal        401 401 403 428 404 428 404 404 428 428
api-deals-more-persistence      GET    deal        401 401 200 200 404 200 404 404 200 200
api-imports-list                GET    –           401 401 200 200 200 200 200 200 200 200
api-imports-list                POST   –           401 401 403 415 415 415 415 403 415 415
api-imports-detail              GET    import      401 401 200 200 404 404 404 404 200 200
api-reviews-list                GET    –           401 401 200 200 200 200 200 200 200 200
api-reviews-list                POST   –           401 401 403 400 400 400 400 403 400 400
api-reviews-detail              GET    review      401 401 200 200 404 200 404 404 200 200
api-reviews-detail              PATCH  review      401 401 403 428 404 428 404 404 428 428
api-reviews-hold                POST   review      401 401 403 428 404 428 404 404 428 428
api-feedback-invitations-list   GET    –           401 401 200 200 200 200 200 200 200 200
api-feedback-invitations-detail GET    invitation  401 401 200 200 404 200 404 404 200 200
api-feedback-invitations-noted  POST   invitation  401 401 403 200 404 200 404 404 200 200
api-referral-asks-list          GET    –           401 401 200 200 200 200 200 200 200 200
api-referral-asks-detail        GET    ask         401 401 200 200 404 200 404 404 200 200
api-referral-asks-asked         POST   ask         401 401 403 428 404 428 404 404 428 428
api-referral-asks-declined      POST   ask         401 401 403 428 404 428 404 404 428 428
api-referral-asks-given         POST   ask         401 401 403 428 404 428 404 404 428 428
api-referral-asks-waive         POST   ask         401 401 403 428 404 428 404 404 428 428
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
