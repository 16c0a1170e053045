"""Signed in without a form, on a desk or on a phone."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from crm.shared.models import User


@pytest.fixture
def enter(live_server):
    """`enter(page, user)` signs a person in: the session is made behind the scenes, as quickly as can be."""

    def sign_in(page, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )

    return sign_in


@pytest.fixture
def second_page(browser, live_server) -> Iterator:
    """A page of another person, on a machine of their own."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser, live_server) -> Iterator:
    """A page of 360 by 780 that is touched with a finger."""
    context = browser.new_context(
        base_url=live_server.url,
        reduced_motion="reduce",
        viewport={"width": 360, "height": 780},
        has_touch=True,
    )
    yield context.new_page()
    context.close()
