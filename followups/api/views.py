"""Touches, plans, follow-ups, stop rules and persistence, for programs: the pages' querysets, policies and actions."""

from __future__ import annotations

import dataclasses
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from crm.shared.api.bulk import PARTIAL, BulkShown, bulk_body, save_in_bulk
from crm.shared.api.verbs import reading, takes, verb
from crm.shared.api.viewsets import ReadViewSet, ScopedViewSet
from crm.shared.models.token import TokenScope
from deals.api.serializers import DealShown
from deals.models import Deal
from followups import filters, persistence, policies
from followups.actions import letting_go, plans, stop_rules, touch_batches, touches
from followups.actions.plans import Agreement
from followups.api import serializers
from followups.models import FollowUp, Plan, StopRule, Touch

if TYPE_CHECKING:
    from rest_framework.request import Request


class TouchViewSet(ReadViewSet[Touch]):
    """Calls, e-mails, meetings: what went to the buyer and what came from them."""

    queryset = Touch.objects.all()
    serializer_class = serializers.TouchShown
    filterset_class = filters.TouchFilters
    params = {"bulk": PARTIAL}

    @takes(serializers.TouchBody, status=201)
    def create(self, request: Request) -> Response:
        """Log a touch.

        The plan then sets the next step. A closed deal refuses it and says when it was closed.
        """
        self.require(policies.may_log(self.user))
        row = self.body(serializers.TouchBody)
        saved = touch_batches.save_touches([row], by=self.user)[0]
        return self.created(saved.thing)

    @verb("bulk", body=bulk_body(serializers.TouchBody), shown=BulkShown, detail=False)
    def bulk(self, request: Request) -> Response:
        """Log up to 1,000 touches.

        All or nothing, or with partial=true a result for each. One with a known external_id stays as it is.
        """
        self.require(policies.may_log(self.user))
        save = partial(touch_batches.save_touches, by=self.user)
        return Response(save_in_bulk(request, serializers.TouchBody, save))


class PlanViewSet(ReadViewSet[Plan]):
    """What was agreed with buyers: how often and by which channel. A deal without a plan goes by its stage."""

    queryset = Plan.objects.all()
    serializer_class = serializers.PlanShown
    filterset_class = filters.PlanFilters

    @takes(serializers.AgreementBody, status=201)
    def create(self, request: Request) -> Response:
        """Agree a plan with the buyer of a deal.

        It counts as heard from them. A deal that has a plan keeps it, changed.
        """
        self.require(policies.may_log(self.user))
        body = self.body(serializers.AgreementBody)
        deal = body.pop("deal")
        agreement = Agreement(**body)
        return self.created(plans.agree(deal, agreement, by=self.user, now=timezone.now()))

    @takes(serializers.AgreementFacts, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Agree something else."""
        plan = self.get_object()
        self.require(policies.may_log(self.user))
        version = self.version()
        agreement = Agreement(**self.body(serializers.AgreementFacts, partial=True))
        return self.answer(
            plans.agree(plan.deal, agreement, by=self.user, now=timezone.now(), version=version)
        )


class FollowUpViewSet(ReadViewSet[FollowUp]):
    """What is due, was done, left out or cancelled."""

    queryset = FollowUp.objects.all()
    serializer_class = serializers.FollowUpShown
    filterset_class = filters.FollowUpFilters

    @verb("done", body=serializers.DoneBody, versioned=True)
    def done(self, request: Request, pk: str) -> Response:
        """Do a follow-up by logging its touch.

        On a closed deal, to call again or to stay in touch, it is ticked off without one.
        """
        follow_up = self.get_object()
        self.require(policies.may_log(self.user))
        version = self.version()
        body = self.body(serializers.DoneBody)
        return self.answer(touches.done(follow_up, by=self.user, version=version, **body))

    @verb("skip", versioned=True)
    def skip(self, request: Request, pk: str) -> Response:
        """Leave a follow-up out; the plan sets the next one."""
        follow_up = self.get_object()
        self.require(policies.may_log(self.user))
        version = self.version()
        return self.answer(plans.skip(follow_up, by=self.user, now=timezone.now(), version=version))


class StopRuleViewSet(ReadViewSet[StopRule]):
    """When a lead is dead: the rules of the stages, and of deals that have their own."""

    scope = TokenScope.ADMIN
    queryset = StopRule.objects.all()
    serializer_class = serializers.StopRuleShown
    filterset_class = filters.StopRuleFilters

    @takes(serializers.StopRuleBody, status=201)
    def create(self, request: Request) -> Response:
        """Set the rule of a stage, or another one for a deal."""
        self.require(policies.may_set_rules(self.user))
        body = self.body(serializers.StopRuleBody)
        stage, deal = body.pop("stage", None), body.pop("deal", None)
        if (stage is None) == (deal is None):
            raise ValidationError({"stage": [_("Name a stage or a deal.")]})
        return self.created(stop_rules.set_rule(stage=stage, deal=deal, by=self.user, **body))

    @takes(serializers.StopRuleFacts, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a rule."""
        rule = self.get_object()
        self.require(policies.may_set_rules(self.user))
        version = self.version()
        numbers = self.body(serializers.StopRuleFacts, partial=True)
        return self.answer(stop_rules.change(rule, by=self.user, version=version, **numbers))

    @takes(versioned=True, status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """Let a deal go by its stage again; the rule of a stage stays."""
        rule = self.get_object()
        self.require(policies.may_set_rules(self.user))
        stop_rules.drop(rule, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)


class PersistenceViewSet(ScopedViewSet[Deal]):
    """A deal against its stop rule."""

    queryset = Deal.objects.with_names()
    serializer_class = DealShown

    @reading("persistence", shown=serializers.PersistenceShown)
    def persistence(self, request: Request, pk: str) -> Response:
        """Read how often in vain and how long in silence, against the stop rule."""
        return Response(serializers.PersistenceShown(_persistence(self.get_object())).data)

    @verb(
        "keep-open",
        body=serializers.KeepOpenBody,
        shown=serializers.KeptOpenShown,
        versioned=True,
        status=HTTPStatus.CREATED,
    )
    def keep_open(self, request: Request, pk: str) -> Response:
        """Keep a deal open whose stop rule is met.

        It takes a next step within 14 days. Once by the owner, again by a manager.
        """
        deal = self.get_object()
        self.require(policies.may_keep_open(self.user, deal))
        version = self.version()
        step = self.body(serializers.KeepOpenBody)
        kept = letting_go.keep_open(deal, by=self.user, now=timezone.now(), version=version, **step)
        return Response(serializers.KeptOpenShown(kept).data, status=HTTPStatus.CREATED)


def _persistence(deal: Deal) -> dict[str, Any]:
    facts = stop_rules.facts_of(deal)
    now = timezone.now()
    rule = stop_rules.in_force([deal]).get(deal.pk) if deal.is_open else None
    limits = {"max_unanswered": None, "max_silent_days": None, "grace_days": None}
    return {
        **(dataclasses.asdict(rule) if rule else limits),
        "unanswered": facts.unanswered,
        "silent_days": persistence.silent_days(facts, now),
        "state": persistence.meter_state(facts, rule, now) if rule else None,
        "is_never_contacted": persistence.never_contacted(facts),
        "last_heard_at": facts.last_heard_at,
        "last_touch_at": facts.last_touch_at,
        "agreed_until": facts.agreed_until,
        "closes_on": deal.closes_on,
        "times_kept_open": letting_go.times_kept(deal),
    }


ROUTES = [
    ("touches", TouchViewSet),
    ("plans", PlanViewSet),
    ("follow-ups", FollowUpViewSet),
    ("stop-rules", StopRuleViewSet),
    ("deals", PersistenceViewSet),
]
