"""What is served of Bootstrap."""

from django.contrib.staticfiles import finders

from crm.shared.static_packages import SERVED, BootstrapFinder


def test_only_what_is_used_is_served():
    listed = [name for name, _storage in BootstrapFinder().list(None)]

    assert listed == list(SERVED)
    assert finders.find("bootstrap/css/bootstrap.min.css")
    assert finders.find("bootstrap/css/bootstrap.css") is None
    assert finders.find("css/bootstrap.min.css") is None
