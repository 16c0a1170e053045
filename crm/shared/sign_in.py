"""How people come in: nobody signs up by themselves, and each role starts on a page that it may see."""

from typing import cast

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def home_of(user: User) -> str:
    """The name of the page that `user` starts on: Today for those who work deals, the monthly review for the others."""
    return "today:today" if allows(user, Permission.WORK_DEALS) else "reports:monthly-review"


class AccountAdapter(DefaultAccountAdapter):
    """An administrator makes accounts; there is no sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This address and password do not belong together. Check both, or set a new password."
        ),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, or set a new password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse(home_of(cast("User", request.user)))
