"""What a store raises: each error has a message for people and a remedy, as every finding of the library has."""


class StoreError(Exception):
    """The store did not do what it was asked; nothing of it was done.

    Attributes:
        message: the cause, in lower case, without a final period.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both sentences; they are the arguments, so that the error can be pickled."""
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """The message alone."""
        return self.message


class UnavailableError(StoreError):
    """The database cannot be reached, read or written now; asking again later may succeed."""


class SetupError(StoreError):
    """The database is not one that this release can work with: never migrated, too old, too new, or somebody else's."""


class NotFoundError(StoreError):
    """There is no product, update, token or audit row of that name."""


class ConflictError(StoreError):
    """What was asked contradicts what is there: an id that is taken, a token that exists."""
