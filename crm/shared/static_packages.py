"""Static files that come from packages: of Bootstrap, only the two files we serve, and their maps."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bootstrap_wrapper import get_bootstrap_dir
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

PREFIX = "bootstrap/"
SERVED = (
    "css/bootstrap.min.css",
    "css/bootstrap.min.css.map",
    "js/bootstrap.bundle.min.js",
    "js/bootstrap.bundle.min.js.map",
)


class BootstrapFinder(BaseFinder):
    """Serves SERVED under bootstrap/; collecting all of Bootstrap would take minutes and serve nobody."""

    def __init__(self) -> None:
        self.folder = Path(get_bootstrap_dir())
        self.storage = FileSystemStorage(location=self.folder)
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]  (as Django's own finders do)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:
        name = path.removeprefix(PREFIX)
        if name == path or name not in SERVED:
            return []
        found = str(self.folder / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        return [(name, self.storage) for name in SERVED]
