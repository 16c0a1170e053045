"""Static files that come from packages: of Bootstrap, only the two files we serve, and their maps."""

from collections.abc import Iterable
from typing import Any

from bootstrap_wrapper import get_bootstrap_dir
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

SERVED = (
    "css/bootstrap.min.css",
    "css/bootstrap.min.css.map",
    "js/bootstrap.bundle.min.js",
    "js/bootstrap.bundle.min.js.map",
)


class BootstrapFiles(FileSystemStorage):
    """Bootstrap's own folder, served under bootstrap/."""

    prefix = "bootstrap"


class BootstrapFinder(FileSystemFinder):
    """Finds what SERVED names; collecting all of Bootstrap would take minutes and serve nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        folder = str(get_bootstrap_dir())
        self.files = BootstrapFiles(location=folder)
        self.locations = [(self.files.prefix, folder)]
        self.storages = {folder: self.files}

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing of it comes from the settings."""
        return []

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        if path.removeprefix(f"{prefix}/") not in SERVED:
            return None
        found: str | None = super().find_location(root, path, prefix)
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        return [(name, self.files) for name in SERVED]
