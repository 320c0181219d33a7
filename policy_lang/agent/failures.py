"""What goes wrong on the way to an update: once, or with this update for good."""

from datetime import timedelta


class TransientError(Exception):
    """Something outside failed: the network, the server, the disk. It is tried again after a while.

    Attributes:
        retry_after: how long the server asks to wait, at least; None where it says nothing.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        """Keep the reason: lower case, without a final period."""
        super().__init__(message)
        self.retry_after = retry_after


class AnswerError(TransientError):
    """The server answered what is neither an offer nor `{}`. Nothing of it is used, and the check-in is tried again later."""


class RejectedError(TransientError):
    """The server understood a request and refuses it for good: the same request will be refused again."""


class ImageError(Exception):
    """The image itself is wrong: not the one that was offered, or too large. Trying again costs a download and changes nothing."""


class StoppedError(Exception):
    """The agent is asked to end."""


class LockedError(Exception):
    """Another agent runs on this device."""
