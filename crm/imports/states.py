"""States of an import and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    DRAFT = "draft", _("Not started")  # read and matched; a person looks at it
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


LIVE = frozenset({ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING})  # a worker's
OVER = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.UNDONE})
CAME_IN = frozenset({ImportState.DONE, ImportState.FAILED})  # whole, or as far as it came


class Kind(models.TextChoices):
    ACCOUNTS = "accounts", _("Accounts")
    CONTACTS = "contacts", _("Contacts")
    DEALS = "deals", _("Deals")
    TOUCHES = "touches", _("Calls, meetings and e-mails")


class InDoubt(models.TextChoices):
    """What becomes of a row that may be there already, when nobody decided about it."""

    ASIDE = "aside", _("Set it aside")  # with the rejected ones, never a silent duplicate
    EXISTING = "existing", _("Take the existing one, where there is just one")
    NEW = "new", _("Make a new one")


class Answer(models.TextChoices):
    """What a person decided about it."""

    EXISTING = "existing", _("The one that is here")
    NEW = "new", _("A new one")
