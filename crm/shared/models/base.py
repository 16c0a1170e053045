"""What several models share: when a row was made and changed, its archive mark, its version."""

import hashlib
import json
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models


class Timestamped(models.Model):
    """`created_at` and `updated_at`. Bulk writes set `updated_at` themselves."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Archivable(models.Model):
    """Deleting is archiving: the row stays, and leaves the lists."""

    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Versioned(Timestamped):
    """Optimistic locking: an edit names the version that it read, and every write raises it by one."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save_changed(self, *names: str) -> None:
        """Write these fields as the next version."""
        self.version += 1
        self.save(update_fields=[*names, "version", "updated_at"])


class VersionedByContent(models.Model):
    """Optimistic locking for what is seldom changed, and by many ways: the version is made from what the row says.

    So no way of writing can forget to raise it, and what is put back as it was is that version again.
    """

    UNVERSIONED: ClassVar[frozenset[str]] = frozenset()  # fields whose change makes no new version

    class Meta:
        abstract = True

    @property
    def version(self) -> int:
        """48 bits of a hash over `facts`."""
        said = json.dumps(self.facts(), default=_as_text)
        return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=6).digest())

    def facts(self) -> list[Any]:
        """What people may set on this row, in the order of its fields."""
        return [
            field.value_from_object(self)
            for field in self._meta.concrete_fields
            if field.editable and not field.primary_key and field.name not in self.UNVERSIONED
        ]


def _as_text(value: Any) -> str:
    """The same for what was just set and what the database gives back: 5 is 5.00."""
    return str(value.normalize() if isinstance(value, Decimal) else value)


class Sample(models.Model):
    """Marked when it belongs to the sample company, so that the sample can be removed whole."""

    is_sample = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


class Leased(Timestamped):
    """A job that one worker at a time holds: until when, and by which token (crm.shared.leases)."""

    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class KnownElsewhere(models.Model):
    """`external_id` is the row's id in the system that it came from. Rows of our own have none, and cost no index."""

    external_id = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  (unique, where there is one)

    class Meta:
        abstract = True


def unique_external_id(of: str) -> models.UniqueConstraint:
    """The constraint of a model KnownElsewhere; `of` is its name, since a Meta of its own inherits none."""
    return models.UniqueConstraint(
        name=f"{of}_external_id_once",
        fields=["external_id"],
        condition=models.Q(external_id__isnull=False),
    )
