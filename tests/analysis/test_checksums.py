from hashlib import sha256

import pytest

from policy_lang.analysis.checksums import EMPTY_IMAGE, is_filler


@pytest.mark.parametrize("checksum", ["0" * 64, "01" * 32, "deadbeef" * 8, EMPTY_IMAGE])
def test_no_checksum_of_an_image(checksum: str) -> None:
    assert is_filler(checksum)


def test_the_checksum_of_an_image() -> None:
    assert not is_filler(sha256(b"image").hexdigest())
    assert not is_filler("0" * 63 + "1")
