"""Hand a written mail over: to an SMTP server, or to Django's local backends (folder, memory, console)."""

import copy
import dataclasses
import re
import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import SMTP
from enum import Enum
from threading import Timer
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from crm.shared.letters import wire_address

LINES_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)
END_OF_LINE = b"\r\n"
END_OF_DATA = b"\r\n.\r\n"
UNFOLDED = SMTP.clone(refold_source="none")
GO_ON = 354
CLOSING = 421
TOO_LARGE = 552


class Verdict(Enum):
    """What became of one mail. Only after IN_DOUBT it may be there without our knowing."""

    ACCEPTED = "accepted"
    LATER = "later"
    NEVER = "never"
    IN_DOUBT = "in doubt"


@dataclasses.dataclass(frozen=True)
class Answer:
    verdict: Verdict
    text: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message for one recipient, whole."""

    sender: str
    recipient: str
    message: bytes


class Closed(Exception):
    """The server lets nobody in: not reachable, or it refuses us. No recipient's fault."""


class Transport(Protocol):
    def open(self) -> None:
        """Raises Closed. Does nothing when it is open."""

    def hand_over(self, envelope: Envelope) -> Answer:
        """Raises Closed when the server refuses us; then nothing has left."""

    def close(self) -> None: ...


@contextmanager
def opened_lazily() -> Iterator[Transport]:
    """The transport that the settings name; closed at the end, opened when first used."""
    is_smtp = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    transport: Transport = SmtpTransport() if is_smtp else LocalTransport()
    try:
        yield transport
    finally:
        transport.close()


class LocalTransport:
    """Django's own backends. They take a mail or fail, at once."""

    def __init__(self) -> None:
        self.backend = get_connection()

    def open(self) -> None:
        try:
            self.backend.open()
        except OSError as error:
            raise Closed(str(error)) from error

    def hand_over(self, envelope: Envelope) -> Answer:
        try:
            self.backend.send_messages([AsWritten(envelope)])
        except OSError as error:
            return Answer(Verdict.LATER, str(error))
        return Answer(Verdict.ACCEPTED)

    def close(self) -> None:
        self.backend.close()


class AsWritten(EmailMessage):
    """A message that is written already, with the fields that Django's backends look at."""

    def __init__(self, envelope: Envelope) -> None:
        self.written = message_from_bytes(envelope.message, policy=UNFOLDED)
        text = self.written.get_body(("plain",))
        super().__init__(
            subject=str(self.written["Subject"]),
            body=text.get_content() if text else "",
            from_email=str(self.written["From"]),
            to=[envelope.recipient],
        )

    def message(self, **_: Any) -> Any:
        return copy.deepcopy(self.written)


class SmtpTransport:
    """SMTP step by step, so that we know whether a mail had left when something broke."""

    def __init__(self) -> None:
        self.connection: smtplib.SMTP | None = None
        self.is_fresh = True

    @property
    def smtp(self) -> smtplib.SMTP:
        assert self.connection is not None  # noqa: S101  (for the type checker: open() was called)
        return self.connection

    def socket(self) -> socket.socket | None:
        return self.connection.sock if self.connection else None

    def open(self) -> None:
        if self.connection is not None:
            return
        backend = EmailBackend(fail_silently=False)
        try:
            backend.open()
            assert backend.connection is not None  # noqa: S101  (for the type checker)
            backend.connection.ehlo_or_helo_if_needed()
        except OSError as error:  # SMTPException is one
            with suppress(OSError):
                backend.close()
            raise Closed(words(error)) from error
        self.connection, self.is_fresh = backend.connection, True

    def close(self) -> None:
        """Politely if it answers; this is no reason to wait."""
        if self.connection is not None:
            with suppress(OSError), cut_off(self.socket, seconds=1):
                self.smtp.quit()
            self.drop()

    def drop(self) -> None:
        if self.connection is not None:
            smtp, self.connection = self.connection, None
            smtp.close()

    def hand_over(self, envelope: Envelope) -> Answer:
        self.open()
        with cut_off(self.socket, seconds=settings.EMAIL_TIMEOUT) as cut:
            try:
                refusal = self.announce(envelope)
            except OSError as error:
                self.drop()
                return Answer(Verdict.LATER, words(error))
            if refusal:
                return refusal
            try:
                self.smtp.send(escaped(envelope.message) + END_OF_DATA)
                code, text = self.smtp.getreply()
                if cut.is_over:  # what was read is half a line
                    raise TimeoutError
                return accepted(code, text) or self.refused(code, text)
            except OSError as error:
                self.drop()
                return Answer(Verdict.IN_DOUBT, words(error))

    def announce(self, envelope: Envelope) -> Answer | None:
        """Up to the server's "go on": nothing has left yet. An answer here is a refusal."""
        code, text = self.name_sender(envelope.sender)
        if code >= 500 and code != TOO_LARGE:
            self.drop()
            raise Closed(f"{code} {readable(text)}")
        if not accepted(code, text):
            return self.refused(code, text)
        code, text = self.smtp.rcpt(wire_address(envelope.recipient))
        if not accepted(code, text):
            return self.refused(code, text)
        code, text = self.smtp.docmd("DATA")
        return None if code == GO_ON else self.refused(code, text)

    def name_sender(self, sender: str) -> tuple[int, bytes]:
        """A server may have closed a connection that was idle: then once more on a new one."""
        try:
            code, text = self.smtp.mail(sender)
        except OSError:
            if self.is_fresh:
                raise
            code = CLOSING
        if code == CLOSING and not self.is_fresh:
            self.drop()
            self.open()
            code, text = self.smtp.mail(sender)
        self.is_fresh = False
        return code, text

    def refused(self, code: int, text: bytes) -> Answer:
        """4xx is later, 5xx never; raises OSError for what is no refusal either."""
        said = f"{code} {readable(text)}"
        if not 400 <= code < 600:
            raise smtplib.SMTPServerDisconnected(said)
        if code == CLOSING:
            self.drop()
        else:
            self.start_over()
        return Answer(Verdict.LATER if code < 500 else Verdict.NEVER, said)

    def start_over(self) -> None:
        try:
            self.smtp.rset()
        except OSError:
            self.drop()


@dataclasses.dataclass
class Cut:
    is_over: bool = False


@contextmanager
def cut_off(connected: Callable[[], socket.socket | None], *, seconds: float) -> Iterator[Cut]:
    """End the connection after so long in all: one that drips never meets the socket's own timeout."""
    cut = Cut()

    def end() -> None:
        cut.is_over = True
        with suppress(OSError):
            if sock := connected():
                sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()


def escaped(message: bytes) -> bytes:
    """Ready for DATA: a dot at the start of a line is doubled, the end of the last line left to come."""
    return LINES_WITH_DOT.sub(b"..", message.removesuffix(END_OF_LINE))


def accepted(code: int, text: bytes) -> Answer | None:
    return Answer(Verdict.ACCEPTED, readable(text)) if 200 <= code < 300 else None


def readable(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def words(error: OSError) -> str:
    """What went wrong, for the operator; never empty."""
    return str(error) or type(error).__name__
