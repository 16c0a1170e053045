"""What makes two companies, or two people, look like one: names without legal forms, domains, addresses, phone numbers.

Pure rules, the same on entry, on import and in the list of likely duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from crm.shared.folding import phone_digits, words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

T = TypeVar("T")

# Legal forms as folded words, without their dots: S.p.A. is s p a.
LEGAL_FORMS = frozenset(
    tuple(form.split())
    for form in (
        "gmbh", "mbh", "gmbh co kg", "co kg", "ag", "kg", "ohg", "gbr", "ug", "e k", "se",
        "ltd", "limited", "llc", "llp", "lp", "plc", "inc", "incorporated", "corp", "corporation",
        "co", "company", "co ltd", "pty", "pty ltd", "pvt ltd", "pte ltd", "l l c", "p l c",
        "spa", "s p a", "srl", "s r l", "srls", "snc", "s n c", "sas", "s a s", "sarl", "s a r l",
        "sa", "s a", "eurl", "sl", "s l", "slu", "lda", "ltda",
        "bv", "b v", "nv", "n v", "ab", "a b", "as", "a s", "asa", "aps", "oy", "oyj", "hf", "ehf",
        "kft", "zrt", "nyrt", "bt", "spzoo", "sp z o o", "sp zoo", "sp k", "sp j",
        "sro", "s r o", "a s", "doo", "d o o", "dd", "ood", "eood", "sia", "uab", "ou",
        "ооо", "оао", "зао", "пао", "ао", "ип", "тов", "тоо", "нко", "чп",
        "有 限 公 司", "股 份 有 限 公 司", "有 限 责 任 公 司", "株 式 会 社", "有 限 会 社", "주 식 회 사",
        "kk", "k k",
    )
)  # fmt: skip
LONGEST_FORM = max(map(len, LEGAL_FORMS))
LEAST_DIGITS = 7  # of a phone number; shorter ones are extensions
TAIL = 9  # digits: what stays of a number whether its country is written +44 or 0
# Where many people who know nothing of each other have their mail.
PUBLIC_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
        "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "libero.it", "virgilio.it", "wp.pl", "o2.pl", "onet.pl",
        "mail.ru", "bk.ru", "inbox.ru", "list.ru", "yandex.ru", "ya.ru", "rambler.ru", "qq.com", "163.com", "126.com",
        "proton.me", "protonmail.com",
    }
)  # fmt: skip


class AccountKey(NamedTuple):
    """What a company is known by; empty where it is not known."""

    name: str
    domain: str


class ContactKey(NamedTuple):
    """What a person is known by. The same name counts only at the same company."""

    email: str
    phone: str
    name: str
    account: int | str


def bare_name(name: str) -> str:
    """Folded, without legal forms at either end: "Kovács Kft." is kovacs, ООО «Берёза» береза."""
    left = words(name)
    while cut := _form_at_an_end(left):
        left = cut
    return " ".join(left)


def _form_at_an_end(left: tuple[str, ...]) -> tuple[str, ...] | None:
    """Without one legal form; None where there is none, or nothing would stay."""
    for length in range(min(LONGEST_FORM, len(left) - 1), 0, -1):
        if left[-length:] in LEGAL_FORMS:
            return left[:-length]
        first = left[:length]
        if first in LEGAL_FORMS and not "".join(first).isascii():  # ООО Берёза, but AS Roma
            return left[length:]
    return None


def domain_of(website: str) -> str:
    """The host of a web address without www, or of an e-mail address that is no public mail; empty for neither."""
    text = website.strip().lower()
    if "@" in text:
        host = text.rpartition("@")[2]
        return "" if host in PUBLIC_MAIL else host
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if "." in host else ""


def phone_key(phone: str) -> str:
    """The last digits of a number, the same however its country is written."""
    digits = phone_digits(phone)
    return digits[-TAIL:] if len(digits) >= LEAST_DIGITS else ""


def account_key(name: str, website: str = "") -> AccountKey:
    return AccountKey(name=bare_name(name), domain=domain_of(website))


def contact_key(name: str, email: str = "", phone: str = "", account: int | str = "") -> ContactKey:
    return ContactKey(
        email=email.strip().lower(),
        phone=phone_key(phone),
        name=" ".join(sorted(words(name))),  # Kovács Ádám and Ádám Kovács
        account=account,
    )


def are_one_company(one: AccountKey, other: AccountKey) -> bool:
    """The same bare name, or the same domain."""
    return bool(
        (one.name and one.name == other.name) or (one.domain and one.domain == other.domain)
    )


def are_one_person(one: ContactKey, other: ContactKey) -> bool:
    """The same e-mail, the same phone and name, or the same name at the same company."""
    if one.email and one.email == other.email:
        return True
    if not one.name or one.name != other.name:
        return False
    return bool((one.phone and one.phone == other.phone) or one.account == other.account)


def contact_marks(key: ContactKey) -> Iterator[Hashable]:
    """What `are_one_person` compares, as marks that are equal when it says yes."""
    if key.email:
        yield key.email
    if key.name:
        yield ("company", key.account, key.name)
        if key.phone:
            yield ("phone", key.phone, key.name)


def alike(rows: Iterable[tuple[T, Iterable[Hashable]]]) -> list[list[T]]:
    """Rows, each with the marks that it is known by, in groups of two and more that share a mark, be it through a third."""
    known: list[T] = []
    leader: list[int] = []  # of each row: itself, or a row of its group that is nearer to the first
    first_with: dict[Hashable, int] = {}

    def first_of(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for place, (row, marks) in enumerate(rows):
        known.append(row)
        leader.append(place)
        for mark in filter(None, marks):
            leader[first_of(place)] = first_of(first_with.setdefault(mark, place))
    groups: dict[int, list[T]] = {}
    for place, row in enumerate(known):
        groups.setdefault(first_of(place), []).append(row)
    return [group for group in groups.values() if len(group) > 1]
