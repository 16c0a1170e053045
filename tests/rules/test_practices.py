"""Every practice that the first issue promises is proven by a test that carries its id."""

import ast

from tests.rules.house import ROOT, files

PROMISED = {
    *("A1", "A2", "A3", "A4", "A5", "A6", "A10", "A11", "A12", "A14"),
    *("B1", "B3", "B4", "B5", "B6", "B7"),
    *("C1", "C7"),
    *("D1", "D2", "D3", "D6", "D8"),
    *("E1", "E5"),
    "F5",
}


def marked() -> dict[str, list[str]]:
    """The tests that carry each id."""
    found: dict[str, list[str]] = {}
    for path in files("tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for practice in practices_of(node):
                    found.setdefault(practice, []).append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def practices_of(test: ast.FunctionDef) -> list[str]:
    return [
        str(word.value)
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.practice"
        for word in mark.args
        if isinstance(word, ast.Constant)
    ]


def test_every_promised_practice_is_proven():
    assert PROMISED - marked().keys() == set()


def test_only_tests_carry_a_practice():
    places = [place for places in marked().values() for place in places]

    assert [place for place in places if not place.split("::")[1].startswith("test_")] == []


def test_ids_are_those_of_the_list():
    """A letter of the six chapters and a number."""
    assert [name for name in marked() if name[0] not in "ABCDEF" or not name[1:].isdigit()] == []
