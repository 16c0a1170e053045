"""A program that uses the API in tests, over HTTP."""

import dataclasses
import json
from typing import Any

from django.test import Client

from crm.shared import tokens
from crm.shared.models import User
from crm.shared.models.token import TokenScope

PROBLEM = "application/problem+json"


@dataclasses.dataclass
class Program:
    """Sends its token with every request; `raises=False` gives the 500 that a real program would get."""

    plain: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def change(self, path: str, body: Any, *, method: str = "PATCH", verb: str = "") -> Any:
        """As a program does that has just read the thing at `path`: with its ETag, on it or on one of its verbs."""
        return self.send(method, path + verb, body, if_match=self.get(path)["ETag"])

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """`body` as JSON, or bytes as they are; `if_match="…"` becomes the header If-Match."""
        raw = body if isinstance(body, bytes) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            f"/api/v1{path}",
            "" if body is None else raw,
            content_type=named.pop("content-type", "application/json"),
            headers={"authorization": f"Bearer {self.plain}"} | named,
        )


def program(user: User, *, scope: TokenScope = TokenScope.WRITE, raises: bool = True) -> Program:
    """A program with a new token of `user`, used a moment ago, so that its use is not noted again."""
    token, plain = tokens.make(user, name="program", scope=scope)
    tokens.note_use(token, now=token.created_at)
    return Program(plain, Client(raise_request_exception=raises))
