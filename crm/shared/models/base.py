"""What several models share: when a row was made and changed, its archive mark, its version."""

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


class Versioned(models.Model):
    """Optimistic locking: an edit names the version that it read, and every write raises it by one."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Sample(models.Model):
    """Marked when it belongs to the sample company, so that the sample can be removed whole."""

    is_sample = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
