"""The buyer's one answer."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, Notice
from referrals.models import ReferralAsk
from reviews.actions import feedback, inviting
from reviews.actions.feedback import Answer
from reviews.models import BuyerFeedback, FeedbackInvitation
from reviews.states import InvitationState
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db
WORDS = Answer(words="Ask us again in spring")


@pytest.mark.practice("A3")
def test_an_answer_is_kept_on_the_deal_and_told(rep, now):
    invitation = reviews.sent_invitation(owner=rep)
    given = Answer(
        reason=deals.reason("timing"),
        factors=["effort", "terms"],
        value_statement=" One supplier less ",
        words=" Ask us again in spring ",
        show_name=True,
        may_contact=True,
        contact_again_on=dt.date(2026, 10, 20),
        can_help=" Ola at Fjordfisk ",
    )

    answer = feedback.answer(invitation, given=given, now=now)

    invitation.refresh_from_db()
    record = EventRecord.objects.get(name="feedback.received")
    assert invitation.state == InvitationState.ANSWERED
    assert (answer.deal, answer.at, answer.reason.slug) == (invitation.deal, now, "timing")
    assert (answer.value_statement, answer.words, answer.can_help) == (
        "One supplier less",
        "Ask us again in spring",
        "Ola at Fjordfisk",
    )
    assert (answer.contact, answer.may_contact, answer.contact_again_on) == (
        invitation.contact,
        True,
        dt.date(2026, 10, 20),
    )
    assert answer.factor_names == ["Effort to introduce it", "Terms of the contract"]
    assert (record.actor, record.deal_id) == (None, invitation.deal_id)
    assert record.data == {
        "feedback_id": answer.pk,
        "outcome_id": invitation.outcome_id,
        "owner_id": rep.pk,
        "contact_id": invitation.contact_id,
        "names_somebody": True,
    }
    assert list(Notice.objects.values_list("user", "event")) == [(rep.pk, record.pk)]
    assert str(answer) == f"{answer.deal} · 2026-04-20"


def test_without_consent_no_name_is_kept_with_the_answer(rep, now):
    invitation = reviews.sent_invitation(owner=rep)

    answer = feedback.answer(invitation, given=WORDS, now=now)

    assert (answer.contact, answer.show_name) == (None, False)
    assert EventRecord.objects.get(name="feedback.received").data["contact_id"] is None


def test_whoever_wishes_no_contact_names_no_day_for_it(rep, now):
    given = Answer(words="No", contact_again_on=dt.date(2026, 10, 20))

    answer = feedback.answer(reviews.sent_invitation(owner=rep), given=given, now=now)

    assert (answer.may_contact, answer.contact_again_on) == (False, None)


@pytest.mark.parametrize("state", [InvitationState.INVITED, InvitationState.REMINDED])
def test_an_answer_is_taken_before_and_after_the_reminder(rep, now, state):
    invitation = reviews.sent_invitation(owner=rep, state=state)

    assert feedback.answer(invitation, given=WORDS, now=now).words == WORDS.words


ENDED = {
    "planned": {
        "state": "planned",
        "token_hash": None,
        "invited_at": None,
        "expires_at": None,
    },
    "answered": {"state": "answered"},
    "expired": {"state": "expired"},
    "withdrawn": {"state": "withdrawn", "withdrawn_because": "undone"},
    "at its last instant": {"expires_at": dt.datetime(2026, 4, 20, 8, tzinfo=dt.UTC)},
}


@pytest.mark.parametrize("fields", ENDED.values(), ids=ENDED)
def test_no_answer_is_taken_when_the_link_is(rep, now, fields):
    invitation = reviews.sent_invitation(owner=rep, **fields)

    with pytest.raises(ActionRefused, match="link has ended"):
        feedback.answer(invitation, given=WORDS, now=now)

    assert not BuyerFeedback.objects.exists()


def test_one_answer_is_taken_from_two_copies_of_the_page(rep, now):
    invitation = reviews.sent_invitation(owner=rep)
    other_copy = FeedbackInvitation.objects.get()
    feedback.answer(invitation, given=WORDS, now=now)

    with pytest.raises(ActionRefused, match="link has ended"):
        feedback.answer(other_copy, given=WORDS, now=now)

    assert BuyerFeedback.objects.count() == 1


EMPTY = {
    "nothing": Answer(),
    "only spaces": Answer(words=" ", value_statement="\n", can_help=" "),
    "only the name": Answer(show_name=True),
}


@pytest.mark.parametrize("given", EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_does_not_use_up_the_link(rep, now, given):
    invitation = reviews.sent_invitation(owner=rep)

    with pytest.raises(ActionRefused, match="nothing to send yet"):
        feedback.answer(invitation, given=given, now=now)

    invitation.refresh_from_db()
    assert invitation.state == InvitationState.INVITED


@pytest.mark.parametrize("code", ["price", "luck"])
@pytest.mark.practice("D6")
def test_the_second_question_is_beyond_price(rep, now, code):
    with pytest.raises(ActionRefused, match="Unknown factor"):
        feedback.answer(reviews.sent_invitation(owner=rep), given=Answer(factors=[code]), now=now)


def test_an_answer_stops_the_reminder(rep, now, settings):
    settings.COMPANY_ADDRESS = "1 Harbour Road, Bergen"
    invitation = reviews.invitation(owner=rep)
    inviting.invite_due(now=now)
    invitation.refresh_from_db()
    invitation.mail.state, invitation.mail.sent_at = "sent", now
    invitation.mail.save()
    later = now + dt.timedelta(days=8)
    inviting.remind_due(now=later)
    invitation.refresh_from_db()

    feedback.answer(invitation, given=WORDS, now=later)

    invitation.reminder_mail.refresh_from_db()
    assert invitation.reminder_mail.state == "cancelled"


def test_reading_an_answer_is_noted_once(rep, now):
    answer = reviews.answered(owner=rep)
    later = now + dt.timedelta(hours=1)

    feedback.mark_read(answer.invitation, by=rep, now=now)
    feedback.mark_read(answer.invitation, by=rep, now=later)

    answer.refresh_from_db()
    assert answer.read_at == now


def test_whoever_names_somebody_leads_to_an_ask(rep):
    reviews.answered(owner=rep, can_help="Ola at Fjordfisk")

    assert list(ReferralAsk.objects.values_list("origin", "state")) == [("feedback", "due")]


def test_invitations_and_answers_are_seen_with_their_deal(
    rep, manager, colleague, outsider, viewer, admin
):
    answer = reviews.answered(owner=rep)

    seen = {
        user.name.split()[0]: (
            FeedbackInvitation.objects.visible_to(user).count(),
            list(BuyerFeedback.objects.visible_to(user)) == [answer],
        )
        for user in (rep, manager, admin, colleague, outsider, viewer)
    }

    assert seen == {
        "Rita": (1, True),
        "Mona": (1, True),
        "Ada": (1, True),
        "Carl": (0, False),
        "Otto": (0, False),
        "Vera": (0, False),
    }
