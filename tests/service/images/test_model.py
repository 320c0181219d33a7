import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.service.images.model import ImageError, ImageLocation, image_key

CHECKSUM = "ab" * 32


@given(st.text(), st.text())
def test_products_never_share_a_key(one: str, other: str) -> None:
    assert (image_key(one, CHECKSUM) == image_key(other, CHECKSUM)) is (one == other)


@given(st.text())
def test_every_product_has_keys_that_a_location_takes(product: str) -> None:
    location = ImageLocation("eu", image_key(product, CHECKSUM), 7)
    assert location.belongs_to(product)
    assert location.checksum == CHECKSUM
    assert ImageLocation.from_plain(location.to_plain()) == location


def test_a_location_of_another_product_is_recognised() -> None:
    assert not ImageLocation("eu", image_key("atlas", CHECKSUM), 7).belongs_to("Atlas")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../secret",
        f"atlas.0123456789abcdef/../{CHECKSUM}",
        f"/{CHECKSUM}",
        f"atlas.0123456789abcdef/{CHECKSUM}\n",
        "atlas.0/00",
    ],
)
def test_a_key_never_leads_anywhere_else(key: str) -> None:
    with pytest.raises(ValueError, match="is not the key of an image"):
        ImageLocation("eu", key, 7)


def test_a_size_is_not_negative() -> None:
    with pytest.raises(ValueError, match="the size of an image is 0 or more, not `-1`"):
        ImageLocation("eu", image_key("atlas", CHECKSUM), -1)


@pytest.mark.parametrize(
    "change", [{"store": 1}, {"key": None}, {"size": "7"}, {"size": True}, {"more": 1}], ids=lambda change: next(iter(change))
)
def test_a_location_of_another_shape_is_refused(change: dict[str, object]) -> None:
    plain = {"store": "eu", "key": image_key("atlas", CHECKSUM), "size": 7}
    with pytest.raises(ValueError, match="has `store`, `key` and `size`"):
        ImageLocation.from_plain(plain | change)


def test_an_error_says_the_cause_and_the_remedy() -> None:
    error = ImageError("the image is gone", "publish it again")
    assert (error.message, error.remedy, str(error)) == (
        "the image is gone",
        "publish it again",
        "the image is gone; publish it again",
    )
