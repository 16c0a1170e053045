"""Cells that would run are held back, and read as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.shared.spreadsheets import as_it_was, inert


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_is_held_back(start: str) -> None:
    assert inert(f"{start}cmd") == f"'{start}cmd"


@pytest.mark.parametrize("text", ["", "plain", "-12.50", "'tis", "a=b", "'"])
def test_other_text_goes_out_as_it_is(text: str) -> None:
    assert (inert(text), as_it_was(text)) == (text, text)


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r1a"), max_size=6))
def test_every_text_comes_back(text: str) -> None:
    assert as_it_was(inert(text)) == text
    assert inert(text)[:1] not in set("=+@\t\r")
