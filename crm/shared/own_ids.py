"""Rows of ours as files name them that have no id elsewhere: found again here, and taken for nothing else elsewhere."""

import functools

from django.conf import settings
from django.utils.crypto import salted_hmac


def own_id(kind: str, pk: int) -> str:
    """What a file calls row `pk` of `kind`, such as deal. No secret: what may be seen is asked elsewhere."""
    return f"rebound-{_mark(settings.SECRET_KEY)}-{kind}-{pk}"


def pk_of(kind: str, text: str) -> int | None:
    """The row that `own_id` named here, perhaps with an earlier key; None for every other text."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        number = text.removeprefix(f"rebound-{_mark(key)}-{kind}-")
        if number != text and number.isascii() and number.isdigit() and len(number) <= 18:
            return int(number)
    return None


@functools.lru_cache
def _mark(key: str) -> str:
    """Eight letters that tell this installation from others."""
    mark: str = salted_hmac(
        "crm.shared.own_ids", "mark", secret=key, algorithm="sha256"
    ).hexdigest()
    return mark[:8]
