"""The project's settings as the tests use them: SQLite in memory, or what TEST_DATABASE_URL and TEST_REDIS_URL name."""

import os
import tempfile

worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# The machine's own environment must not leak into a test.
for name in ("PRODUCTION", "DEBUG", "SECRET_KEY", "BASE_URL", "EMAIL_URL", "ALLOWED_HOSTS"):
    os.environ.pop(name, None)
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="rebound-tests-")  # removed by conftest.py
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite:///:memory:"
os.environ["REDIS_URL"] = ""
if os.environ.get("TEST_REDIS_URL"):
    # The workers of pytest share the server, so each has a database of its own.
    os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_URL'].rstrip('/')}/{worker + 1}"

from crm.settings import *  # noqa: E402, F403, TID251  (these are settings themselves)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, and only here
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True  # looks for a file when asked, instead of listing all of them
