"""Idempotency-Key: a POST that is sent again gets its first answer. The rules are in crm/shared/answers.py."""

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.shared.answers import Answer, KeyedRequest, answer_once

if TYPE_CHECKING:
    from django.http import QueryDict

    from crm.shared.models import User

HEADER = "Idempotency-Key"
KEPT = ("ETag", "Location")
VALID_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def once(request: Request, work: Callable[[], Response]) -> HttpResponseBase:
    """The answer of `work`, or the first answer to the same key; without the header, or on other methods, just `work`."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return work()
    if not VALID_KEY.fullmatch(key):
        raise ValidationError(_("Idempotency-Key must be 1 to 255 visible ASCII characters."))
    asked = KeyedRequest(
        user=cast("User", request.user),
        key=key,
        request=f"POST {request.get_full_path()}"[:500],
        body_hash=body_hash(request),
    )
    answer = answer_once(asked, work=lambda: _rendered(work()), now=timezone.now())
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        response[name] = value
    if answer.repeated:
        response["Idempotent-Replayed"] = "true"
    return response


def _rendered(response: Response) -> Answer:
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    headers = {name: response[name] for name in KEPT if name in response}
    return Answer(status=response.status_code, headers=headers, body=body)


def body_hash(request: Request) -> str:
    """SHA-256 of the body; of a form with files, of its fields and the files' bytes, which stay on disk."""
    digest = hashlib.sha256()
    if not request.content_type.startswith("multipart/"):
        digest.update(request.body)
        return digest.hexdigest()
    fields = cast("QueryDict", request.data)
    for name in sorted(fields):
        for value in fields.getlist(name):
            digest.update(f"{name}=".encode())
            if isinstance(value, UploadedFile):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                digest.update(str(value).encode())
    return digest.hexdigest()
