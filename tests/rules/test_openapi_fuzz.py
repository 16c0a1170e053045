"""Schemathesis reads the description and tries right and wrong requests: never a failure of ours, never an answer
that is not described. REBOUND_FUZZ_EXAMPLES sets how many of each kind and operation."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from crm.shared.models.token import TokenScope
from crm.wsgi import application
from tests.factories import deals
from tests.programs import Program, program

EXAMPLES = int(os.environ.get("REBOUND_FUZZ_EXAMPLES", "1"))
# A valid body may still name a deal that is closed. Signed-out callers have tests of their own.
NOT_ASKED = [positive_data_acceptance, ignored_auth]
# An empty filter, as a form sends it, filters nothing, though it is none of the choices; and `?partial=true` answers
# 200 with what it refused.
LENIENT = [*NOT_ASKED, negative_data_rejection]


@pytest.fixture
def fuzzer(admin, settings) -> Program:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"token": "9999999/min"}
    }
    account, contact = deals.account(owner=admin), deals.contact(owner=admin)
    for _number in range(3):
        deals.deal(owner=admin, account=account, contact=contact)
    deals.product()
    deals.competitor()
    return program(admin, scope=TokenScope.ADMIN)


@contextmanager
def kept_connection() -> Iterator[None]:
    """As Django's own test client does: a request must not close the connection that the test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def try_operation(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> int:
    """How many requests were tried; the first wrong answer fails."""
    tried = 0
    lenient = operation.method == "get" or operation.path.endswith("/bulk/")
    not_asked = LENIENT if lenient else NOT_ASKED

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        nonlocal tried
        tried += 1
        answer = case.call(headers=headers)
        case.validate_response(answer, excluded_checks=not_asked, headers=headers)

    attempt()
    return tried


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # its client closes no answer
def test_no_request_that_follows_or_breaks_the_description_surprises(fuzzer):
    description = schemathesis.openapi.from_dict(fuzzer.get("/schema/").json())
    description.app = application
    headers = {"Authorization": f"Bearer {fuzzer.plain}"}

    operations = [result.ok() for result in description.get_all_operations()]
    with kept_connection():
        tried = [
            try_operation(operation, mode, headers)
            for operation in operations
            for mode in GenerationMode
        ]
    gc.collect()

    assert len(operations) >= 40
    assert sum(tried) >= len(operations) * EXAMPLES
