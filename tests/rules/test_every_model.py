"""Every model says what it is, is made by a factory, and knows who may see it; what does not is listed with why."""

import pytest
from django.apps import apps
from django.db.models import Model

from tests.rules.house import ROOT

OURS = {
    "shared",
    "deals",
    "followups",
    "reviews",
    "referrals",
    "imports",
    "exports",
    "reports",
    "today",
}

# Rows that no person is answered with by themselves.
SEEN_WITH_SOMETHING_ELSE = {
    "Membership": "with the team",
    "BulkRow": "with the job",
    "EventRecord": "with the deal: the feed and the timeline ask for visible deals",
    "FeedHead": "one row, a counter",
    "ExchangeRate": "the same for everybody, in sums only",
    "StageChange": "with the deal, in reports of visible deals",
    "OtherReason": "with the outcome",
    "Suspect": "with the list and the account",
    "SegmentPin": "with the segment and the account",
    "ImportedRow": "with the import",
    "Question": "with the import",
    "ImportChange": "with the import",
    "RememberedLayout": "not at all: it is asked for by whoever imports, their own and the company's",
    "MailLane": "the pace of sending, of no mail",
}

# Rows that tests do not make by themselves.
MADE_BY_ACTIONS = {
    "BulkRow": "actions.bulk",
    "EventRecord": "publish",
    "FeedHead": "a migration",
    "StoredAnswer": "the API, of itself",
    "ApiToken": "tokens.make",
    "Notice": "reactions",
    "OtherReason": "closing.lose",
    "StageChange": "pipeline",
    "Outcome": "closing",
    "NextTime": "reviewing.hold",
    "KeptOpen": "letting_go.keep_open",
    "ImportedRow": "an import",
    "Question": "an import",
    "ImportChange": "an import",
    "RememberedLayout": "an import whose columns were corrected",
    "ConfidenceStated": "outlook.state_confidence",
    "Order": "closing.win",
    "Proposal": "proposals.send",
    "Stakeholder": "directory.add_stakeholder",
    "Suspect": "target_lists.add",
    "SegmentPin": "target_lists.put_in",
    "Merge": "directory_merge.merge",
    "ValueCheck": "orders.move",
    "ExchangeRate": "two columns, made in place",
    "Suppression": "one column, made in place",
    "LossReason": "a migration delivers them",
    "Stage": "a migration delivers them",
    "MailLane": "claims",
}
FACTORIES = "\n".join(
    path.read_text() for path in sorted((ROOT / "tests" / "factories").glob("*.py"))
)


def our_models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model._meta.auto_created
    ]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_it_says_what_it_is(model):
    assert model.__str__ is not Model.__str__


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_it_knows_who_may_see_it(model):
    knows = hasattr(model._default_manager.all(), "visible_to")

    assert knows != (model.__name__ in SEEN_WITH_SOMETHING_ELSE)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_a_factory_makes_it(model):
    makes = f"-> {model.__name__}:" in FACTORIES

    assert makes or model.__name__ in MADE_BY_ACTIONS


def test_the_exceptions_exist():
    names = {model.__name__ for model in our_models()}

    assert (SEEN_WITH_SOMETHING_ELSE.keys() | MADE_BY_ACTIONS.keys()) - names == set()
