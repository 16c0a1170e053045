"""Every column that can hold words is reached when a person is erased, or says why it holds none of theirs."""

from django.apps import apps
from django.db.models import Model

from crm.shared import erasing
from deals.models import Contact, Deal
from tests.rules.test_every_model import OURS

STOREYS = {"followups", "reviews", "referrals"}

# Erased by name, because they hang on a deal or a person by a longer way, or on none.
BY_NAME = {
    "deals.Contact": "the row itself, and words of colleagues about them",
    "deals.Deal": "their deals and those of their company",
    "deals.Account": "what imports kept beside it",
    "deals.Merge": "what it would need for its undo",
    "deals.ValueCheck": "by its order",
    "deals.BulkJob": "all of them",
    "deals.SavedView": "all of them",
    "reviews.NextTime": "by its review",
    "imports.Import": "all of them",
    "imports.ImportedRow": "those that name the person",
    "imports.Question": "those that name the person",
    "imports.ImportChange": "of their row, their deals, their companies",
    "exports.Export": "all of them",
    "shared.EventRecord": "of their deals, of their row, of imports",
    "shared.Notice": "of the same events",
    "shared.OutgoingMail": "to them, and about their deals",
    "shared.StoredAnswer": "those that tell of the person",
    "shared.Suppression": "a digest takes its place",
}
NOBODYS = {
    "our own people and teams": {"shared.User", "shared.Team", "shared.ApiToken"},
    "what administrators set up": {
        *("deals.Product", "deals.Competitor", "deals.Stage", "deals.LossReason"),
        *("deals.TargetList", "deals.Segment"),
    },
    "columns of files, not their rows": {"imports.RememberedLayout"},
}


def is_reached(model: type[Model]) -> bool:
    """Whether `blank_naming`, in the storeys, or `strike_on_deals` finds its rows: it points to a contact, or to a deal."""
    named = {
        field.remote_field.model: field.name
        for field in model._meta.concrete_fields
        if field.remote_field
    }
    return named.get(Deal) == "deal" or (Contact in named and model._meta.app_label in STOREYS)


def test_every_column_of_words_is_known_to_erasing() -> None:
    nobodys = set().union(*NOBODYS.values())
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    with_words = {model._meta.label: model for model in models if erasing.words_of(model)}

    unknown = {
        label
        for label, model in with_words.items()
        if not is_reached(model) and label not in BY_NAME.keys() | nobodys
    }

    assert unknown == set(), "Erase their words, or say why there are none of a buyer's."
    assert (BY_NAME.keys() | nobodys) <= {model._meta.label for model in models}
