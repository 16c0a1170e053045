"""Make, find, use and revoke the tokens with which programs act for a person."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.db.models import Q

from crm.shared.models import ApiToken, User
from crm.shared.models.token import TokenScope

PREFIX = "rb_"
SHOWN = len(PREFIX) + 6
USE_NOTED_EVERY = dt.timedelta(minutes=1)


def hash_of(plain: str) -> str:
    """SHA-256 as hexadecimal. A slow hash is for guessable secrets; these have 256 random bits."""
    return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def make(
    user: User, *, name: str, scope: TokenScope, expires_at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token for `user` and its plain text, which is known only here and now."""
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        expires_at=expires_at,
        shown=plain[:SHOWN],
        hash=hash_of(plain),
    )
    return token, plain


@transaction.atomic
def revoke(token: ApiToken, *, now: dt.datetime) -> None:
    """Switch a token off, from the next request on."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def find(plain: str, *, now: dt.datetime) -> ApiToken | None:
    """The usable token of this plain text, with its person."""
    return (
        ApiToken.objects.usable(now=now).select_related("user").filter(hash=hash_of(plain)).first()
    )


def note_use(token: ApiToken, *, now: dt.datetime) -> None:
    """Keep when a token was last used: written at most once a minute, the only thing that a GET writes."""
    long_ago = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= long_ago:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=long_ago)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
