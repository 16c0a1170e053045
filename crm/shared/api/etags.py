"""The version of a thing as its ETag, and If-Match as the version that an edit was made from."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from crm.shared.api.problems import VersionMissing
from crm.shared.errors import StaleVersion

# A proxy that compresses marks our tags as weak; they still name one version.
TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag(thing: Any) -> str:
    return f'"{thing.version}"'


def version_read(request: Request) -> int:
    """The version that the caller has read, for the action to compare under its lock.

    Raises VersionMissing (428) without If-Match or with `*`, which names none; StaleVersion (412) for a tag that
    was never ours; ValidationError (400) for what is no entity tag.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in {"", "*"}:
        raise VersionMissing(
            _("Say in If-Match which version this change was made from: the ETag that you read.")
        )
    tag = TAG.fullmatch(given)
    if tag is None:
        raise ValidationError(_('If-Match must be one entity tag, such as "3".'))
    if not re.fullmatch(r"[0-9]{1,15}", tag[1]):
        raise StaleVersion(_("This is no version of it. Nothing was written."))
    return int(tag[1])
