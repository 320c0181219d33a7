"""The stores that the settings name."""

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from policy_lang.service.images.model import ImageError, ImageStore
from policy_lang.service.images.settings import FolderImages, ImageSettings, S3Images
from policy_lang.suggest import did_you_mean

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class ImageStores(Mapping[str, ImageStore]):
    """The stores by name; each is opened before the first check-in, so that a mistake in the settings is found at once.

    Raises:
        ImageError: the settings of a store are wrong.
    """

    def __init__(self, settings: Mapping[str, ImageSettings]) -> None:
        """Open every store."""
        self._stores = {name: open_store(name, each) for name, each in settings.items()}

    def __getitem__(self, name: str) -> ImageStore:
        """The store of a name."""
        return self._stores[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the settings."""
        return iter(self._stores)

    def __len__(self) -> int:
        """How many stores there are."""
        return len(self._stores)

    def choose(self, name: str | None) -> ImageStore:
        """The store of a name; without one, the only one there is.

        Raises:
            ImageError: there is no such store, or several to choose from.
        """
        if name in self._stores:
            return self._stores[name]
        if name is not None:
            raise ImageError(f"the settings have no images `{name}`", did_you_mean(name, self._stores) or self._choices())
        if len(self._stores) != 1:
            raise ImageError(f"the settings name {len(self._stores) or 'no'} stores of images", self._choices())
        return next(iter(self._stores.values()))

    def _choices(self) -> str:
        """What can be named."""
        names = ", ".join(f"`{name}`" for name in self._stores)
        return f"name one of {names}" if names else "describe one in the settings, as `[images.NAME]`"


def open_store(name: str, settings: ImageSettings) -> ImageStore:
    """One store of the settings.

    Raises:
        ImageError: its settings are wrong.
    """
    if _NAME.fullmatch(name) is None:
        raise ImageError(f"`{name}` is not the name of a store", "write a name of small letters and digits, as `[images.eu]`")
    match settings:
        case S3Images():
            from policy_lang.service.images.s3 import S3Store  # noqa: PLC0415  a service without S3 loads no SDK

            return S3Store(name, settings)
        case FolderImages():
            from policy_lang.service.images.folder import FolderStore  # noqa: PLC0415  the same, the other way round

            return FolderStore(name, settings)
        case _:
            assert_never(settings)
