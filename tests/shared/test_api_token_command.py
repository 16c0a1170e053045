"""manage.py api_token: the token on standard output, and nothing else."""

import io

import pytest
from django.core.management import CommandError, call_command

from crm.shared import tokens
from crm.shared.models import ApiToken


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("api_token", *args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("args", "scope"),
    [
        ([], "write"),
        (["--scope", "read"], "read"),
        (["--scope", "write"], "write"),
        (["--scope", "admin"], "admin"),
    ],
)
def test_it_prints_the_token_and_nothing_else(rep, now, args, scope):
    printed = run("Rep@Example.com", *args)

    assert printed.startswith("rb_")
    assert printed == printed.strip() + "\n"
    token = tokens.find(printed.strip(), now=now)
    assert token is not None
    assert (token.user, token.scope) == (rep, scope)


def test_it_names_an_unknown_person_and_makes_nothing(db):
    with pytest.raises(CommandError, match="no active person with the address nobody"):
        run("nobody@example.com")

    assert ApiToken.objects.count() == 0


def test_a_person_who_may_not_sign_in_gets_none(rep):
    rep.is_active = False
    rep.save()

    with pytest.raises(CommandError):
        run(rep.email)


def test_an_unknown_scope_is_refused(rep):
    with pytest.raises(CommandError, match="invalid choice"):
        run(rep.email, "--scope", "everything")
