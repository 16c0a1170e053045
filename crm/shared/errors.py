"""What people may be told: refusals that each door translates once, for a page or for the API."""

from collections.abc import Mapping


class ActionRefused(Exception):
    """The state of things does not allow this. `message` is for people; `fields` names what to mend, by field."""

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class StaleVersion(ActionRefused):
    """Somebody changed this since it was read; nothing was written."""
