import asyncio
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from service_world import Visit, world
from stores import NOW, document, opened

from policy_lang.service.images.model import ImageError, ImageLocation, image_key
from policy_lang.service.images.settings import FolderImages
from policy_lang.service.images.stores import ImageStores
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.logs import open_log
from policy_lang.service.metrics import Metrics
from policy_lang.service.offers import Offers
from policy_lang.service.problems import Problem
from policy_lang.service.registry import Registry, Served
from policy_lang.service.store.updates import put_update
from policy_lang.service.threads import Threads

KEY = f"atlas.{'0' * 16}/{'ab' * 32}"


class Signer:
    """A store that counts what it signs."""

    name = "eu"

    def __init__(self, scheme: str = "https", error: ImageError | None = None) -> None:
        """Sign with a scheme, or fail."""
        self.scheme, self.error, self.signed = scheme, error, 0

    def presign(self, location: ImageLocation, lifetime: timedelta, now: datetime) -> str:
        """A URL that says how many there were."""
        if self.error is not None:
            raise self.error
        self.signed += 1
        return f"{self.scheme}://images.example.com/{location.key}?n={self.signed}&until={(now + lifetime).timestamp():.0f}"


def offers_of(store: Any, log: BytesIO | None = None) -> Offers:
    return Offers({"eu": store}, timedelta(hours=1), Threads(2, 10, 5), open_log(log or BytesIO()))


def served(tmp_path: Path, store: str = "eu") -> Served:
    here = world(tmp_path, document("atlas-2"))
    with opened(here.url) as database:
        with database.changing() as connection:
            image = {"store": store, "key": KEY, "size": 7}
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW, image=image)
        registry = Registry(database, DatabaseLedger(database), Metrics(), open_log(BytesIO()))
        asyncio.run(registry.refresh())
    return registry.snapshot.products["atlas"]


def test_a_url_is_signed_once_for_the_first_half_of_its_life(tmp_path: Path) -> None:
    product, store = served(tmp_path), Signer()
    offers = offers_of(store)
    update = product.selector.catalog.find("atlas-3")
    assert update is not None

    async def story() -> list[bytes]:
        return [await offers.answer(product, update, NOW + timedelta(minutes=minutes)) for minutes in (0, 10, 29, 30, 59, 60)]

    answers = asyncio.run(story())
    assert [answers.index(answer) for answer in answers] == [0, 0, 0, 3, 3, 5]
    assert store.signed == 3
    assert answers[0].startswith(b'{"url":"https://images.example.com/atlas.')


def test_an_answer_without_an_image_is_made_once(tmp_path: Path) -> None:
    product = served(tmp_path)
    update = product.selector.catalog.find("atlas-2")
    assert update is not None
    offers = offers_of(Signer())
    first, second = (asyncio.run(offers.answer(product, update, NOW)) for _ in range(2))
    assert first is second
    assert first == b'{"url":"https://example.com/atlas-2","checksum":"' + b"ab" * 32 + b'","update":"atlas-2","version":"2.0.0"}'


@pytest.mark.parametrize(
    ("store", "name", "event"),
    [
        (Signer("http"), "eu", "image without https"),
        (Signer(error=ImageError("no credentials", "give some")), "eu", "image not signed"),
        (Signer(), "us", "no such store of images"),
    ],
)
def test_an_image_without_a_good_url_is_not_offered(store: Signer, name: str, event: str, tmp_path: Path) -> None:
    product, log = served(tmp_path, name), BytesIO()
    update = product.selector.catalog.find("atlas-3")
    assert update is not None
    with pytest.raises(Problem) as caught:
        asyncio.run(offers_of(store, log).answer(product, update, NOW))
    assert (caught.value.status, caught.value.headers) == (503, {"retry-after": "5"})
    assert event.encode() in log.getvalue()


def test_the_images_of_a_folder_are_offered_and_fetched(tmp_path: Path) -> None:
    """From the check-in to the last byte, through one application."""
    image = b"firmware" * 1000
    checksum = sha256(image).hexdigest()
    settings = {"here": FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com")}
    (tmp_path / "image.bin").write_bytes(image)
    here = world(tmp_path, images=settings)
    location = ImageStores(settings)["here"].upload(tmp_path / "image.bin", image_key("atlas", checksum), checksum, len(image))
    with opened(here.url) as database, database.changing() as connection:
        new = document("atlas-3", "3.0.0", checksum=checksum)
        put_update(connection, "atlas", new, actor="t", now=NOW, image=location.to_plain())

    async def story(visit: Visit) -> None:
        offer = (await visit.check_in()).json()
        assert (offer["update"], offer["checksum"]) == ("atlas-3", checksum)
        assert offer["url"].startswith("https://updates.example.com/images/here/")
        answer = await visit.client.get(offer["url"].removeprefix("https://updates.example.com"))
        assert answer.status_code == 200
        assert sha256(answer.content).hexdigest() == checksum

    here.run(story)
