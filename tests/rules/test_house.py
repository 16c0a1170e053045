"""What the house forbids, found by reading its source."""

import ast
import re

import pytest

from tests.rules.house import APPS, ROOT, doors, files, lines_with

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "services"}
COLOUR = r"#[0-9a-fA-F]{3,8}\b(?![^(]*\.svg)|\b(rgb|hsl|oklch|oklab|lab|lch)a?\("
WORKPLACE = "|".join(("/wo" + "rk/", "/tmp/wo" + "rk", r"\.libr" + "ary/"))

CODE_BANS = {
    "a due time is a column, not a message": r"\b(eta|countdown)=|\bcrontab\(",
    "events instead of signals": r"(?<!def )\b(pre|post)_(save|delete|init)\b|@receiver\(",
    "no shell": r"\bshell=True|os\.system\(",
    "templates escape": r"\bmark_safe\b|\bSafeString\(",
    "public pages are named one by one": r"\bAllowAny\b",
    "a to-do has an issue": r"\b(TODO|FIXME|XXX)\b(?! #\d)",
    "mail is queued as a row": r"\bsend_mail\(\s*[\"']|\bmail_admins\(",
}
TEMPLATE_BANS = {
    "templates escape": r"\|\s*safe\b|\bautoescape\s+off",
    "no inline style": r"<style\b|\sstyle=[\"']",
    "no inline script": r"<script(?![^>]*\bsrc=)|\son(click|change|submit|load|input)=[\"']",
    "no address of another host": r"(src|href)=[\"'](https?:)?//",
    "no colour outside tokens.css": r"(fill|stroke)=[\"']#",
    "blocktranslate is trimmed": r"{%\s*blocktrans(late)?\b(?!.*\btrimmed\b)",
}

# Every lookup at a door begins with `visible_to` (or its quicker `listed_for`), but for these: rows of a deal that was found before, `queryset`
# of API views and fields, whose base class asks `visible_to` (crm/shared/api/viewsets.py, fields.py), and:
UNSCOPED = r"(?<!EventRecord)\.objects\.(?!visible_to\(|listed_for\(|none\(\))"
SCOPED_BY_ITS_BASE = r"/api(/|\.py).*\bqueryset ?="
LOOKS_UP_FREELY = {
    "crm/shared/views/health.py: due_at = OutgoingMail": "tells an age, of no single mail",
    "crm/shared/views/unsubscribe.py: mail = OutgoingMail": "the letter's own signed number",
    "deals/api/views.py: Prefetch(": "numbers of people, of deals that were found",
    "deals/views/deal.py: current = Deal.objects.with_names().get(pk=deal.pk)": "read again",
    "deals/views/directory.py: lambda: Account.objects.get(pk=pk)": "read again",
    "deals/views/directory.py: lambda: Contact.objects.select_related": "read again",
    "deals/views/second_chances.py: open_again = Deal": "leaves out those already taken up",
}


@pytest.mark.parametrize("pattern", CODE_BANS.values(), ids=CODE_BANS)
def test_our_code_has_none_of(pattern):
    assert lines_with(pattern, files(*APPS)) == []


@pytest.mark.parametrize("pattern", TEMPLATE_BANS.values(), ids=TEMPLATE_BANS)
def test_our_templates_have_none_of(pattern):
    pages = [path for path in files("templates", kinds=(".html",)) if "emails" not in path.parts]

    assert lines_with(pattern, pages) == []


def test_colours_stand_in_tokens_only():
    sheets = [path for path in files("static/css", kinds=(".css",)) if path.name != "tokens.css"]

    assert lines_with(COLOUR, sheets) == []


def test_doors_look_up_only_what_the_person_may_see():
    paths = [path for path in doors() if path.stem not in {"public_views", "tasks"}]
    found = [re.sub(r":\d+: ", ": ", line) for line in lines_with(UNSCOPED, paths)]
    unscoped = [line for line in found if not re.search(SCOPED_BY_ITS_BASE, line)]

    assert [line for line in unscoped if not line.startswith(tuple(LOOKS_UP_FREELY))] == []
    assert [start for start in LOOKS_UP_FREELY if not any(map(starting(start), unscoped))] == []


def starting(words):
    return lambda line: line.startswith(words)


def test_doors_open_no_transaction_and_write_nothing():
    writes = r"\bobjects\.(create|bulk_create|bulk_update|get_or_create|update_or_create)\("

    assert lines_with(rf"\batomic\(|@transaction\.atomic|{writes}|\.save\(", doors()) == []


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in files(*APPS, "tests", "benchmarks")
        if (tree := ast.parse(path.read_text())).body and not ast.get_docstring(tree)
    ]

    assert silent == []


def test_every_file_has_a_name_that_says_something():
    assert [str(path) for path in files(*APPS) if path.stem in FORBIDDEN_NAMES] == []


def test_locks_name_no_address_and_pin_every_file_by_its_hash():
    for lock in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / lock).read_text()
        pins = re.findall(r"^\S+==", text, flags=re.MULTILINE)

        assert re.findall(r"https?:|://|--index|--find", text) == []
        assert len(pins) == len(re.findall(r"^\S+==.*\\\n    --hash=", text, flags=re.MULTILINE))


def test_development_uses_the_same_versions():
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), flags=re.MULTILINE))
        for lock in ("requirements.txt", "requirements-dev.txt")
    ]

    assert pins[0] - pins[1] == set()


def test_nothing_names_the_place_where_it_was_written():
    kinds = (".py", ".html", ".js", ".css", ".md", ".txt", ".toml", ".yml", ".po", ".svg", ".json")
    paths = [*files(*APPS, "tests", "benchmarks", "templates", "static", "docs", kinds=kinds)]
    paths += [path for path in ROOT.iterdir() if path.suffix in kinds or path.name == "Makefile"]

    assert lines_with(WORKPLACE, paths) == []
