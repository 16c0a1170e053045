"""Who asks: a program with a token, or a person in the browser, whose unsafe requests carry the CSRF token."""

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from crm.shared import tokens
from crm.shared.models import ApiToken, User

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer rb_…`. Unknown, expired and revoked tokens are told apart by nobody."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, plain = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        now = timezone.now()
        token = tokens.find(plain.strip(), now=now) if scheme.lower() == SCHEME.lower() else None
        if token is None:
            raise AuthenticationFailed(_("This token is not valid."))
        tokens.note_use(token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


class BrowserSessionAuthentication(SessionAuthentication):
    """The signed-in browser: unsafe methods need the CSRF token, as forms do."""
