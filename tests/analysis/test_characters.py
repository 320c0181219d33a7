from unicodedata import category, name

import pytest
from linting import subject_of

from policy_lang.analysis.characters import BIDIRECTIONAL, DASHES, LOOK_ALIKES, ZERO_WIDTH, describe, escape, written_texts


@pytest.mark.parametrize("char", sorted(LOOK_ALIKES))
def test_each_look_alike_is_foreign_and_looks_like_ascii(char: str) -> None:
    assert not char.isascii()
    assert LOOK_ALIKES[char].isascii()
    assert name(char).split()[0] in {"CYRILLIC", "GREEK", "ARMENIAN", "FULLWIDTH", "LATIN"}


def test_invisible_characters_are_controls_of_format() -> None:
    assert {category(char) for char in BIDIRECTIONAL | ZERO_WIDTH} == {"Cf"}
    assert not BIDIRECTIONAL & ZERO_WIDTH
    assert {category(char) for char in DASHES} <= {"Pd", "Sm"}


def test_messages_name_a_character_without_holding_it() -> None:
    assert describe("\u202e") == "U+202E (right-to-left override)"
    assert describe("\ufdd0") == "U+FDD0 (no name)"
    assert escape("\xa0") == "\\u00a0"


def test_escapes_are_blanked_out() -> None:
    subject = subject_of(r"device.a == 'a\u202e\x41b\'' && device['\u{41}c'] == 1")
    assert [written for _, written in written_texts(subject)] == [r"'a          b  '", "'      c'"]
