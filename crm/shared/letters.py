"""A mail as somebody asks for it, and its bytes, written once in the reader's language."""

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import Context, Engine
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from crm.shared.states import Audience
from crm.shared.working_days import zone_of

LINE_BREAKING = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
SURROGATES = re.compile(r"[\ud800-\udfff]")
LONGEST_SUBJECT = 300


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mail:
    """One message to one person. `key` is unique for ever: queued twice it is one mail.

    `user_id` is the reader of a rep's mail, and who answers for a buyer's; a buyer's names `contact_id`.
    """

    key: str
    template: str
    context: Mapping[str, Any]
    to_address: str
    due_at: dt.datetime
    audience: Audience
    scope: str = ""
    to_name: str = ""
    language: str = ""
    time_zone: str = ""
    country: str = ""
    reply_to: str = ""
    from_name: str = ""
    user_id: int | None = None
    contact_id: int | None = None
    deal_id: int | None = None

    def __post_init__(self) -> None:
        if self.is_to_buyer and self.contact_id is None:
            raise ValueError("A mail to a buyer names its contact: one a day is counted by it.")

    @property
    def is_to_buyer(self) -> bool:
        return self.audience == Audience.BUYER


@dataclasses.dataclass(frozen=True, kw_only=True)
class Letter:
    """What goes on the wire, but for the Date header, which the first attempt fixes."""

    subject: str
    message_id: str
    message: bytes = b""


def is_address(address: str) -> bool:
    """Whether SMTP can carry it: one mailbox, ASCII before the @."""
    try:
        validate_email(wire_address(address))
    except ValidationError:
        return False
    return True


def wire_address(address: str) -> str:
    """As the envelope names it: an international domain in its ASCII form."""
    local, at, domain = address.strip().rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address.strip()


def normal_address(address: str) -> str:
    """As addresses are compared: no blanks around it, no capitals, an international domain in ASCII."""
    return wire_address(address).lower()


def one_line(text: str) -> str:
    """Without what could end a header, or be read as an encoded word that does: nobody types a second one."""
    return LINE_BREAKING.sub(" ", SURROGATES.sub("\ufffd", text)).replace("=?", "= ?").strip()


# ---- writing -------------------------------------------------------------------------------------


def write(mail: Mail) -> Letter:
    """Render the mail in its reader's language and zone. Raises what a broken template raises."""
    letter_id = new_id()
    link = unsubscribe_url(letter_id) if mail.is_to_buyer else ""
    with as_read_by(mail):
        words = {**surroundings(mail, link), **mail.context}
        subject = subject_of(mail, words)
        text = render(f"{mail.template}.txt", words)
        html = get_template(f"emails/{mail.template}.html").render(words)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    our_name, our_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message["From"] = mailbox(mail.from_name or our_name, our_address)
    message["To"] = mailbox(mail.to_name, mail.to_address)
    if is_address(mail.reply_to):
        message["Reply-To"] = mailbox("", mail.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(sound(text), cte="quoted-printable")
    message.add_alternative(sound(html), subtype="html", cte="quoted-printable")
    head = own_headers(letter_id, link)
    return Letter(subject=subject, message_id=letter_id, message=head + message.as_bytes())


def unwritten(mail: Mail) -> Letter:
    """The subject alone, for a mail that must not go."""
    with as_read_by(mail):
        subject = subject_of(mail, {**surroundings(mail, ""), **mail.context})
    return Letter(subject=subject, message_id=new_id())


@contextmanager
def as_read_by(mail: Mail) -> Iterator[None]:
    zone = zone_of(mail.time_zone or settings.ORGANISATION_TIME_ZONE)
    with translation.override(mail.language or settings.LANGUAGE_CODE), timezone.override(zone):
        yield


def new_id() -> str:
    """A Message-ID of our domain; unguessable."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid.uuid4().hex}@{domain or 'localhost'}>"


def subject_of(mail: Mail, words: Mapping[str, Any]) -> str:
    return one_line(render(f"{mail.template}.subject.txt", words))[:LONGEST_SUBJECT]


def own_headers(letter_id: str, link: str) -> bytes:
    """Headers of ASCII that we made, unfolded: the standard library breaks long words without blanks."""
    lines = [f"Message-ID: {letter_id}"]
    if link:
        lines += [
            f"List-Unsubscribe: <{link}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def dated(message: bytes, at: dt.datetime) -> bytes:
    """The whole message, dated `at`; the same moment gives the same bytes."""
    date = format_datetime(at.astimezone(ZoneInfo("UTC")).replace(microsecond=0))
    return f"Date: {date}\r\n".encode("ascii") + message


def surroundings(mail: Mail, link: str) -> dict[str, Any]:
    """What each template may use beside its own context."""
    return {
        "base_url": settings.BASE_URL,
        "company_name": settings.COMPANY_NAME,
        "company_address": settings.COMPANY_ADDRESS,
        "to_name": mail.to_name,
        "language": translation.get_language(),
        "unsubscribe_url": link,
        "is_buyer": mail.is_to_buyer,
    }


def render(name: str, words: Mapping[str, Any]) -> str:
    """Plain text: nothing to escape."""
    template = Engine.get_default().get_template(f"emails/{name}")
    return str(template.render(Context(dict(words), autoescape=False)))


def sound(text: str) -> str:
    """Text that can be written as UTF-8, with line ends of one kind."""
    return SURROGATES.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def mailbox(name: str, address: str) -> str:
    """`Name <address>`, quoted as it must be."""
    return str(Address(one_line(name), addr_spec=wire_address(address)))


# ---- opting out ----------------------------------------------------------------------------------


def unsubscribe_url(letter_id: str) -> str:
    """Says by itself which mail it came with, so that one click needs no sign-in (RFC 8058)."""
    token = signing.Signer(salt="unsubscribe").sign(letter_id.strip("<>"))
    return str(settings.BASE_URL) + reverse("mail:unsubscribe", args=[token])


def letter_of(token: str) -> str | None:
    """The Message-ID that an opt-out link was made for; None when the link is not ours."""
    try:
        return f"<{signing.Signer(salt='unsubscribe').unsign(token)}>"
    except signing.BadSignature:
        return None
