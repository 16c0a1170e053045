"""The cast by name, and the small world that the doors lead to."""

import pytest

from tests.factories import mail
from tests.rules import doors


@pytest.fixture
def people(rep, colleague, manager, outsider, viewer, admin):
    return {
        "rep": rep,
        "colleague": colleague,
        "manager": manager,
        "outsider": outsider,
        "viewer": viewer,
        "admin": admin,
    }


@pytest.fixture
def things(rep, team, settings):
    mail.use_templates(settings)
    return doors.world(rep, team=team)
