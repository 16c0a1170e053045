"""How people come in: nobody signs up by themselves, and each role starts on a page that it may see."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def home_of(user: User) -> str:
    """The name of the page that `user` starts on: Today for those who work deals, the monthly review for the others."""
    return "today:today" if allows(user, Permission.WORK_DEALS) else "reports:monthly-review"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  (allauth is not typed)
    """An administrator makes accounts; there is no sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        assert isinstance(request.user, User)
        return reverse(home_of(request.user))
