# ruff: noqa: RUF001  letters that look like others, on purpose

import pytest
from linting import findings, marked

from policy_lang.analysis.rules.mixed_script import RULE


@pytest.mark.parametrize(
    ("policy", "character", "message"),
    [
        ("device.region == 'us-wеst'", "е", "the text holds U+0435 (cyrillic small letter ie), which looks like `e`"),
        ("device.model == 'Χ100'", "Χ", "the text holds U+03A7 (greek capital letter chi), which looks like `X`"),
        ("device.model == 'СВ-1'", "С", "the text holds U+0421 (cyrillic capital letter es), which looks like `C`"),
        ("device['mоdel'] == 'X'", "о", "the text holds U+043E (cyrillic small letter o), which looks like `o`"),
        ("device.model == 'Ｘ100'", "Ｘ", "the text holds U+FF38 (fullwidth latin capital letter x), which looks like `X`"),
        ("device.region == 'us\u2013west'", "\u2013", "the text holds U+2013 (en dash), which looks like `-`"),
        ("device.region == 'us\u200b-west'", "\u200b", "the text holds U+200B (zero width space), which is not shown"),
        ("device.region == '\ufeffus'", "\ufeff", "the text holds U+FEFF (zero width no-break space), which is not shown"),
        ("device.region == 'us\u200dа'", "\u200d", "the text holds U+200D (zero width joiner), which is not shown"),
        ("device.region in ['a', 'аx']", "а", "the text holds U+0430 (cyrillic small letter a), which looks like `a`"),
        ("device.name == 'привет pаd'", "а", "the text holds U+0430 (cyrillic small letter a), which looks like `a`"),
    ],
)
def test_what_is_not_what_it_seems(policy: str, character: str, message: str) -> None:
    assert marked(RULE, policy) == [character]
    assert findings(RULE, policy)[0].message == message


def test_the_help_shows_the_plain_text() -> None:
    (found,) = findings(RULE, "device.region == 'us\u2013wеst\u200b'")
    assert found.help == "write `'us-west'`; where the character is meant, write the escape `\\u2013`"


@pytest.mark.parametrize(
    "policy",
    [
        "device.region == 'us-west'",
        "device.name == 'Straße' && device.city == 'Łódź'",
        "device.city == 'Москва' || device.city == 'Αθήνα'",
        "device.name == 'Москва Moscow'",
        "device.unit in ['kΩ', 'µs', '5 μm']",
        "device.note == '10 – 20'",
        "device.region == 'us-w\\u0435st' && device.a == '\\nа\\u{43f}п'",
        "device.name == '👩\u200d🔧' || device.name == 'می\u200cخواهم'",
        "device.model == /^[a-zа-я]+$/",
        "device.region == 'us' // Привет, аdmin",
    ],
)
def test_texts_that_are_what_they_seem(policy: str) -> None:
    assert findings(RULE, policy) == []
