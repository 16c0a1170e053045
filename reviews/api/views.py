"""Reviews and invitations to buyers, for programs: the pages' querysets, policies and actions."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm.shared.api.verbs import takes, verb
from crm.shared.api.viewsets import ReadViewSet
from reviews import policies
from reviews.actions import feedback, reviewing
from reviews.api import serializers
from reviews.filters import FeedbackInvitationFilters, ReviewFilters
from reviews.models import FeedbackInvitation, Review


class ReviewViewSet(ReadViewSet[Review]):
    """Reviews of closings: start, write down, hold."""

    queryset = Review.objects.prefetch_related("people", "next_times")
    serializer_class = serializers.ReviewShown
    filterset_class = ReviewFilters

    @takes(serializers.StartBody, status=201)
    def create(self, request: Request) -> Response:
        """Start a review by hand, where the rule chose none."""
        self.require(policies.may_review(self.user))
        body = self.body(serializers.StartBody)
        return self.created(reviewing.start(body["deal"], by=self.user, now=timezone.now()))

    @takes(serializers.DraftBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Write down what is known so far of a planned review."""
        review = self.get_object()
        self.require(policies.may_review(self.user))
        version = self.version()
        draft = serializers.draft_of(self.body(serializers.DraftBody, partial=True))
        return self.answer(
            reviewing.save_draft(
                review, draft=draft, by=self.user, now=timezone.now(), version=version
            )
        )

    @verb("hold", body=serializers.DraftBody, versioned=True)
    def hold(self, request: Request, pk: str) -> Response:
        """Finish a review: three answers and one thing to do next time; price alone is no answer."""
        review = self.get_object()
        self.require(policies.may_review(self.user))
        version = self.version()
        draft = serializers.draft_of(self.body(serializers.DraftBody))
        return self.answer(
            reviewing.hold(review, draft=draft, by=self.user, now=timezone.now(), version=version)
        )


class FeedbackInvitationViewSet(ReadViewSet[FeedbackInvitation]):
    """What buyers are asked after a loss, and what they answered."""

    queryset = FeedbackInvitation.objects.select_related("feedback__reason")
    serializer_class = serializers.FeedbackInvitationShown
    filterset_class = FeedbackInvitationFilters

    @verb("noted")
    def noted(self, request: Request, pk: str) -> Response:
        """Say that the answer was read: it leaves Today."""
        invitation = self.get_object()
        self.require(policies.may_review(self.user))
        feedback.mark_read(invitation, by=self.user, now=timezone.now())
        return self.answer(self.get_object())


ROUTES = [
    ("reviews", ReviewViewSet),
    ("feedback-invitations", FeedbackInvitationViewSet),
]
