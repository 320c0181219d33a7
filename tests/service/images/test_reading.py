from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from policy_lang.service.images.model import ImageError, ImageLocation, image_key
from policy_lang.service.images.reading import CHUNK, Measured, check_stored, check_unchanged, chunks, measure

LOCATION = ImageLocation("eu", image_key("atlas", "ab" * 32), 3)


def test_a_file_is_hashed_and_counted(tmp_path: Path) -> None:
    image, steps = tmp_path / "image", list[int]()
    image.write_bytes(b"x" * (CHUNK + 1))
    assert measure(image, steps.append) == (sha256(b"x" * (CHUNK + 1)).hexdigest(), CHUNK + 1)
    assert steps == [CHUNK, 1]


def test_an_empty_file_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    with pytest.raises(ImageError, match="is empty; name the file that devices install"):
        measure(tmp_path / "image")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"the image `.*/none` cannot be read: no such file"):
        measure(tmp_path / "none")


@pytest.mark.parametrize(("length", "wanted"), [(None, b"abcdef"), (0, b""), (4, b"abcd"), (9, b"abcdef")])
def test_some_of_a_file_is_read(length: int | None, wanted: bytes) -> None:
    assert b"".join(chunks(BytesIO(b"abcdef"), length)) == wanted


@pytest.mark.parametrize("found", [Measured("ab" * 32, 4), Measured("cd" * 32, 3)])
def test_what_is_stored_is_compared_with_its_location(found: Measured) -> None:
    with pytest.raises(ImageError, match=r"in `eu` (has 4 bytes, not 3|hashes to `cdcd)"):
        check_stored(LOCATION, found)


def test_a_file_that_changes_is_refused() -> None:
    with pytest.raises(ImageError, match="changed while it was published"):
        check_unchanged(Path("image"), Measured("ab" * 32, 3), Measured("ab" * 32, 4))
