"""Text as it is searched."""

import pytest

from crm.shared.folding import fold, parts


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("…", ""),
        ("Harbour  Provisions", " harbour provisions "),
        ("Kovács", " kovacs "),
        ("Łódź", " lodz "),
        ("Straße", " strasse "),
        ("GROẞ", " gross "),
        ("Ærø", " aero "),
        ("İstanbul ılık", " istanbul ilik "),
        ("O’Brien & Sons", " obrien sons "),
        ("Ёлка Щука", " елка щука "),
        ("Ελλάς", " ελλασ "),
        ("中国电信", " 中 国 电 信 "),
        ("３Ｍ中", " 3m 中 "),
        ("삼성", " 삼 성 "),
        ("anna_b@example.com", " anna b example com "),
        ("100%", " 100 "),
    ],
)
def test_text_is_folded(text, folded):
    assert fold(text) == folded


def test_several_texts_are_one():
    assert fold("Ward fridges", "", "Vále") == " ward fridges vale "


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", []),
        ("%_", []),
        ("KOVÁCS", ["kovacs"]),
        ("harb prov", ["harb", "prov"]),
        ("ha", [" ha"]),
        ("AT&T", [" at", " t"]),
        ("中", [" 中 "]),
        ("中国", [" 中 国 "]),
        ("abc中国 de", ["abc", " 中 国 ", " de"]),
        (" ".join("abcdefghijkl"), [f" {letter}" for letter in "abcdefgh"]),
    ],
)
def test_what_is_typed_is_taken_apart(typed, wanted):
    assert parts(typed) == wanted


def test_what_is_typed_is_found_in_what_it_is_a_part_of():
    folded = fold("Zakłady Łódź 中国电信")

    assert all(part in folded for part in parts("lodz aklad 国电"))
