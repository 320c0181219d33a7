"""How a command ends: its exit code, and the two ways to end early."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command answers to the shell."""

    FINE = 0
    FINDINGS = 1
    BAD_INPUT = 2
    OUR_FAULT = 3
    INTERRUPTED = 130
    CLOSED_PIPE = 141


class MisuseError(Exception):
    """The command line does not make sense; the remedy says what to write."""

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both sentences: lower case, without a final period."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ClosedPipeError(Exception):
    """Nobody reads what is written any more, as in `policy select … | head`."""
