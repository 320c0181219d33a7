"""What a device is sent: the JSON of an offer, made once for each update and again when its URL grows old.

The C updater reads the answer with a search for `"url":"`, and the shell updater compares it with `{}` as text. So it is one line
without blanks, and an error is never a part of it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from structlog.typing import FilteringBoundLogger

from policy_lang.catalog.update import Update
from policy_lang.service.images.model import ImageError, ImageLocation, ImageStore
from policy_lang.service.problems import unavailable
from policy_lang.service.registry import Served
from policy_lang.service.threads import Threads

NOTHING: Final = b"{}"
"""The answer to a device that gets no update."""

_encode = msgspec.json.Encoder().encode


class Offers:
    """Makes the answers of one process."""

    def __init__(self, images: Mapping[str, ImageStore], lifetime: timedelta, threads: Threads, log: FilteringBoundLogger) -> None:
        """Prepare.

        Args:
            images: the stores by name.
            lifetime: how long a URL is valid; it is given to devices for the first half.
            threads: where stores may block.
            log: what is told when a store fails.
        """
        self._images = images
        self._lifetime = lifetime
        self._threads = threads
        self._log = log
        self._signed: dict[ImageLocation, tuple[str, datetime]] = {}

    async def answer(self, served: Served, update: Update, now: datetime) -> bytes:
        """The answer for an update.

        Args:
            served: the product as it was selected from.
            update: what was offered.
            now: the time.

        Raises:
            Problem: 503, where the store of the image gives no URL.
        """
        location = served.images.get(update.id)
        if location is None:
            answer = served.answers.get(update.id)
            if answer is None:
                answer = served.answers[update.id] = _offer(update, update.url)
            return answer
        return _offer(update, await self._url(location, now))

    async def _url(self, location: ImageLocation, now: datetime) -> str:
        """A URL of an image that is valid for half of its lifetime or longer."""
        url, renewed = self._signed.get(location, ("", now))
        if now < renewed:
            return url
        url = await self._threads.run(self._sign, location, now)
        if len(self._signed) > _MOST_SIGNED:
            self._signed.clear()
        self._signed[location] = url, now + self._lifetime / 2
        return url

    def _sign(self, location: ImageLocation, now: datetime) -> str:
        """A new URL; the store may block."""
        try:
            store = self._images[location.store]
            url = store.presign(location, self._lifetime, now)
        except KeyError:
            self._log.error("no such store of images", store=location.store, key=location.key)
            raise unavailable("the image cannot be reached now") from None
        except ImageError as error:
            self._log.error("image not signed", store=location.store, key=location.key, problem=error.message, help=error.remedy)
            raise unavailable("the image cannot be reached now") from error
        if not url.startswith("https://"):
            self._log.error("image without https", store=location.store, help="give the store an https URL")
            raise unavailable("the image cannot be reached now")
        return url


_MOST_SIGNED = 10_000


def _offer(update: Update, url: str) -> bytes:
    """The answer for an update whose image is at a URL."""
    return _encode({"url": url, "checksum": update.checksum, "update": update.id, "version": str(update.version)})
