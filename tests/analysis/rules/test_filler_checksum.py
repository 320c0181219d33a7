from hashlib import sha256

import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.filler_checksum import RULE


@pytest.mark.parametrize("checksum", ["0" * 64, "F" * 64, "ab" * 32, "deadbeef" * 8, "0123456789abcdef" * 4])
def test_a_placeholder(checksum: str) -> None:
    (found,) = found_in(RULE, {"checksum": checksum})
    assert found.path == ("updates", 0, "checksum")
    assert found.message == "the checksum of `release-0` is a placeholder, which no image has"


def test_an_empty_image() -> None:
    (found,) = found_in(RULE, {"checksum": sha256(b"").hexdigest()})
    assert found.message == "the checksum of `release-0` is that of an empty image"


def test_a_checksum() -> None:
    assert fields_of(RULE, {"checksum": sha256(b"image").hexdigest()}) == []
