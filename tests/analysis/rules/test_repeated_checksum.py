from hashlib import sha256

from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.repeated_checksum import RULE

ONE, OTHER = (sha256(word).hexdigest() for word in (b"one", b"other"))


def test_a_checksum_of_another_version() -> None:
    (found,) = found_in(RULE, {"checksum": ONE}, {"checksum": OTHER}, {"checksum": ONE.upper()})
    assert found.path == ("updates", 2, "checksum")
    assert found.message == "the checksum of `release-2` is that of `release-0`, another version"
    assert found.related == ((("updates", 0, "checksum"), "the same checksum"),)


def test_one_image_for_two_products() -> None:
    assert fields_of(RULE, {"checksum": ONE, "version": "1.0.0"}, {"checksum": ONE, "version": "1.0.0", "product": "beacon"}) == []


def test_a_placeholder_is_the_business_of_another_rule() -> None:
    assert fields_of(RULE, {"checksum": "0" * 64}, {"checksum": "0" * 64}) == []


def test_different_checksums() -> None:
    assert fields_of(RULE, {"checksum": ONE}, {"checksum": OTHER}) == []
