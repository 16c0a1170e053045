"""A public data set that nobody here wrote comes in right."""

import json
from pathlib import Path

import pytest
from django.db.models import Count, Q, Sum

from crm.imports.models import Import
from crm.shared.models import Notice
from deals.models import Outcome
from followups.models import FollowUp
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def counts(job: Import) -> tuple[int, ...]:
    return tuple(job.counts.values())


@pytest.mark.data
def test_maven_comes_in_whole(data_folder: Path) -> None:
    """8,800 opportunities of somebody else's, and the figures that somebody else worked out (reference.json)."""
    folder = data_folder / "maven-crm"
    reference = json.loads((folder / "reference.json").read_text())

    job = files.ran(folder / "sales_pipeline.csv", by=None)

    assert counts(job) == (8800, 8800, 0, 0, 0)
    won, lost = Count("pk", filter=Q(kind="won")), Count("pk", filter=Q(kind="lost"))
    value = Sum("base_amount", filter=Q(kind="won"))
    total = Outcome.objects.aggregate(won=won, lost=lost, value=value)
    assert (total["won"], total["lost"], int(total["value"])) == (
        reference["won"],
        reference["lost"],
        reference["won_value"],
    )
    assert round(total["won"] / (total["won"] + total["lost"]), 6) == reference["win_rate"]
    agents = (
        Outcome.objects.values("owner__name").annotate(won=won, lost=lost, value=value).order_by()
    )
    assert {row["owner__name"]: (row["won"], row["lost"], int(row["value"])) for row in agents} == {
        row["sales_agent"]: (row["won"], row["lost"], row["won_value"])
        for row in reference["by_agent"]
    }
    products = Outcome.objects.values("deal__product__name").annotate(won=won, lost=lost).order_by()
    assert {
        row["deal__product__name"].replace("GTXPro", "GTX Pro"): (row["won"], row["lost"])
        for row in products
    } == {row["product"]: (row["won"], row["lost"]) for row in reference["by_product"]}
    assert not FollowUp.objects.exists()
    assert not Notice.objects.exists()
