from datetime import UTC, datetime, timedelta

import pytest

from policy_lang.service.images.signature import Credentials, presign, whole_seconds

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
DAY = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_published_example_of_the_signature() -> None:
    url = presign("https://examplebucket.s3.amazonaws.com/test.txt", EXAMPLE, "us-east-1", timedelta(seconds=86400), DAY)
    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_temporary_credentials_bring_their_token() -> None:
    url = presign("https://bucket.example.com/a", EXAMPLE._replace(token="a/b+c="), "eu", timedelta(minutes=1), DAY)  # noqa: S106  none
    assert "&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-SignedHeaders=host&" in url


def test_the_time_counts_in_utc() -> None:
    url = presign("https://bucket.example.com/a", EXAMPLE, "eu", timedelta(minutes=1), DAY.astimezone().replace(microsecond=5))
    assert url == presign("https://bucket.example.com/a", EXAMPLE, "eu", timedelta(minutes=1), DAY)


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(milliseconds=999), timedelta(days=7, seconds=1), timedelta(days=-1)])
def test_a_lifetime_is_from_a_second_to_seven_days(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="from one second to seven days"):
        whole_seconds(lifetime)


def test_secrets_are_not_shown() -> None:
    assert repr(EXAMPLE._replace(token="hidden")) == "Credentials('AKIAIOSFODNN7EXAMPLE')"  # noqa: S106  none
