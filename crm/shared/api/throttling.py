"""How often one may ask: a fixed window for each token or person, counted in the cache, told in headers."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from crm.shared.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Allowance(NamedTuple):
    """What is left of `limit` requests in `window` seconds, and in how many seconds the window ends."""

    limit: int
    window: int
    left: int
    ends_in: int

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the IETF draft "RateLimit header fields for HTTP"."""
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={self.window}',
            "RateLimit": f'"token";r={self.left};t={self.ends_in}',
        }


def parsed(rate: str) -> tuple[int, int]:
    """ "600/min" as requests and seconds."""
    limit, per = rate.split("/")
    return int(limit), SECONDS[per[0]]


class TokenThrottle(BaseThrottle):
    """Counts by token, or by person in the browser. Without its cache it lets everybody in: better slow than shut."""

    def __init__(self) -> None:
        self.allowance: Allowance | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        limit, window = parsed(str(api_settings.DEFAULT_THROTTLE_RATES["token"]))
        now = time.time()
        number = int(now // window)
        who = (
            f"token-{request.auth.pk}"
            if isinstance(request.auth, ApiToken)
            else f"user-{request.user.pk}"
        )
        try:
            used = counted(f"api-rate:{who}:{number}", timeout=window * 2)
        except (RedisError, OSError):
            logger.warning("the cache is away: requests are not counted")
            return True
        ends_in = math.ceil((number + 1) * window - now)
        self.allowance = Allowance(limit, window, max(limit - used, 0), ends_in)
        request.rate_allowance = self.allowance  # type: ignore[attr-defined]  # for the headers
        return used <= limit

    def wait(self) -> float | None:
        return None if self.allowance is None else float(self.allowance.ends_in)


def counted(key: str, *, timeout: int) -> int:
    cache.add(key, 0, timeout=timeout)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, timeout=timeout)
        return 1
