"""Reviews and invitations over HTTP."""

import pytest

from deals.models import Stakeholder
from reviews.models import Review
from tests.factories import deals, reviews
from tests.programs import program

pytestmark = pytest.mark.django_db
COMPLETE = {
    "value": "Half the work on Mondays",
    "voices": "The plant manager",
    "factors": ["trust", "price"],
    "factors_words": "They asked for references",
    "next_times": [{"text": "Meet the plant manager first"}],
}


def test_reviews_are_listed_and_filtered(rep, outsider):
    planned = reviews.review(owner=rep)
    held = reviews.held_review(owner=rep)
    reviews.review(owner=outsider)
    caller = program(rep)

    everything = caller.get("/reviews/").json()["results"]
    filtered = caller.get("/reviews/?state=held").json()["results"]
    wrong = caller.get("/reviews/?colour=red")

    assert {row["id"] for row in everything} == {planned.pk, held.pk}
    assert [row["id"] for row in filtered] == [held.pk]
    assert wrong.status_code == 400


def test_a_review_is_read_whole(rep):
    review = reviews.held_review(owner=rep)

    shown = program(rep).get(f"/reviews/{review.pk}/")

    assert shown["ETag"] == f'"{review.version}"'
    assert shown.json() == {
        "id": review.pk,
        "deal": review.deal_id,
        "outcome": review.outcome_id,
        "state": "held",
        "due_on": "2026-04-27",
        "why": "account",
        "started_at": "2026-04-20T08:00:00Z",
        "held_at": "2026-04-20T08:00:00Z",
        "held_by": rep.pk,
        "minutes": None,
        "value": "Half the work on Mondays",
        "voices": "The plant manager, who was never in the room",
        "people": [],
        "factors": ["trust", "price"],
        "factors_words": "",
        "next_times": [
            {
                "id": review.next_times.get().pk,
                "text": "Meet the plant manager first",
                "owner": rep.pk,
                "state": "open",
            }
        ],
        "version": review.version,
        "created_at": "2026-04-20T08:00:00Z",
        "updated_at": "2026-04-20T08:00:00Z",
    }


def test_a_review_is_started_written_and_held(rep, manager):
    outcome = reviews.outcome(owner=rep)
    contact = deals.contact(owner=rep)
    priya = Stakeholder.objects.create(deal=outcome.deal, contact=contact, role="user")
    caller = program(manager)
    promises = [{"text": "Meet Priya", "owner": rep.pk}]

    started = caller.post("/reviews/", {"deal": outcome.deal_id})
    path = f"/reviews/{started.json()['id']}/"
    written = caller.patch(path, {"value": "Less work", "people": [priya.pk]}, if_match='"1"')
    held = caller.post(f"{path}hold/", {"factors": ["fit"], "next_times": promises}, if_match='"2"')

    assert (started.status_code, started.json()["why"]) == (201, "by_hand")
    assert (written.status_code, written["ETag"], written.json()["people"]) == (
        200,
        '"2"',
        [priya.pk],
    )
    assert (held.status_code, held.json()["state"], held.json()["held_by"]) == (
        200,
        "held",
        manager.pk,
    )
    assert [item["owner"] for item in held.json()["next_times"]] == [rep.pk]


def test_a_review_is_held_in_one_call(rep):
    review = reviews.review(owner=rep)

    held = program(rep).post(f"/reviews/{review.pk}/hold/", COMPLETE, if_match='"1"')

    assert (held.status_code, held.json()["state"]) == (200, "held")


@pytest.mark.practice("A5", "D6")
def test_what_is_missing_is_pointed_at(rep):
    review = reviews.review(owner=rep)

    refused = program(rep).post(
        f"/reviews/{review.pk}/hold/",
        COMPLETE | {"factors": ["price"], "next_times": []},
        if_match='"1"',
    )

    assert refused.status_code == 400
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/factors", "/next_times"}
    assert Review.objects.get().state == "planned"


def test_a_stale_write_is_412(rep):
    review = reviews.review(owner=rep, version=3)
    caller = program(rep)

    stale = caller.patch(f"/reviews/{review.pk}/", {"value": "x"}, if_match='"2"')
    unnamed = caller.patch(f"/reviews/{review.pk}/", {"value": "x"})

    assert (stale.status_code, unnamed.status_code) == (412, 428)
    assert Review.objects.get().value == ""


WRONG = {
    "an unknown field": {"colour": "red"},
    "an unknown factor": {"factors": ["luck"]},
    "an item without words": {"next_times": [{"text": ""}]},
    "an unknown owner": {"next_times": [{"text": "x", "owner": 999_999}]},
    "a person who is not on the deal": {"people": [999_999]},
    "words that are a number": {"value": 5},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_what_cannot_be_written_is_400(rep, body):
    review = reviews.review(owner=rep)

    assert program(rep).patch(f"/reviews/{review.pk}/", body, if_match='"1"').status_code == 400


def test_a_held_review_is_409(rep):
    review = reviews.held_review(owner=rep)

    refused = program(rep).post(f"/reviews/{review.pk}/hold/", {}, if_match=f'"{review.version}"')

    assert refused.status_code == 409


def test_unseen_is_404_and_a_viewer_has_nothing(rep, outsider, viewer):
    review = reviews.review(owner=rep)

    assert program(outsider).get(f"/reviews/{review.pk}/").status_code == 404
    assert program(outsider).post("/reviews/", {"deal": review.deal_id}).status_code == 400
    assert program(viewer).get("/reviews/").json()["results"] == []
    assert program(viewer).post("/reviews/", {"deal": review.deal_id}).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_lists_take_the_same_queries_with_one_row_and_with_three(
    rep, number, django_assert_num_queries
):
    for n in range(number):
        reviews.held_review(owner=rep)
        reviews.answered(owner=rep, invited=reviews.sent_invitation(owner=rep, token=f"token {n}"))
    caller = program(rep)

    with django_assert_num_queries(4):  # token, rows, people, items
        caller.get("/reviews/")
    with django_assert_num_queries(2):  # token, rows
        caller.get("/feedback-invitations/")


# ---- invitations ---------------------------------------------------------------------------------


@pytest.mark.practice("A3")
def test_an_invitation_is_shown_with_its_answer_and_never_with_its_key(rep):
    answer = reviews.answered(owner=rep, factors=["fit"])
    invitation = answer.invitation

    shown = program(rep).get(f"/feedback-invitations/{invitation.pk}/").json()

    assert shown == {
        "id": invitation.pk,
        "deal": invitation.deal_id,
        "outcome": invitation.outcome_id,
        "contact": invitation.contact_id,
        "state": "answered",
        "due_at": "2026-04-20T08:00:00Z",
        "invited_at": "2026-04-20T08:00:00Z",
        "reminded_at": None,
        "expires_at": "2026-05-20T08:00:00Z",
        "withdrawn_because": "",
        "feedback": {
            "id": answer.pk,
            "at": "2026-04-20T08:00:00Z",
            "contact": invitation.contact_id,
            "reason": "timing",
            "factors": ["fit"],
            "value_statement": "",
            "words": "Ask us again in spring",
            "show_name": True,
            "may_contact": False,
            "contact_again_on": None,
            "can_help": "",
            "read_at": None,
        },
        "created_at": "2026-04-20T08:00:00Z",
        "updated_at": "2026-04-20T08:00:00Z",
    }


def test_an_answer_without_a_name_has_none_anywhere(rep):
    answer = reviews.answered(owner=rep, show_name=False)

    shown = program(rep).get(f"/feedback-invitations/{answer.invitation_id}/").json()

    assert (shown["contact"], shown["feedback"]["contact"]) == (None, None)


def test_invitations_are_filtered_and_seen_with_their_deal(rep, outsider):
    planned = reviews.invitation(owner=rep)
    reviews.sent_invitation(owner=rep)

    rows = program(rep).get("/feedback-invitations/?state=planned").json()["results"]
    unseen = program(outsider).get("/feedback-invitations/").json()["results"]

    assert [(row["id"], row["feedback"]) for row in rows] == [(planned.pk, None)]
    assert unseen == []


def test_an_answer_is_noted(rep, viewer):
    answer = reviews.answered(owner=rep)
    path = f"/feedback-invitations/{answer.invitation_id}/noted/"

    noted = program(rep).post(path)

    assert noted.json()["feedback"]["read_at"] == "2026-04-20T08:00:00Z"
    assert program(viewer).post(path).status_code == 404
