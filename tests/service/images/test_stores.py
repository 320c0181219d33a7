from pathlib import Path

import pytest

from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.model import ImageError
from policy_lang.service.images.settings import FolderImages, S3Images
from policy_lang.service.images.stores import ImageStores, open_store


def _folder(path: Path) -> FolderImages:
    return FolderImages(path=str(path), url="https://updates.example.com")


def test_the_stores_have_the_names_of_the_settings(tmp_path: Path) -> None:
    stores = ImageStores({"eu": _folder(tmp_path), "us": S3Images(bucket="updates", region="us-east-2")})
    assert list(stores) == ["eu", "us"]
    assert [stores[name].name for name in stores] == ["eu", "us"]
    assert isinstance(stores.choose("eu"), FolderStore)


def test_the_only_store_needs_no_name(tmp_path: Path) -> None:
    assert ImageStores({"eu": _folder(tmp_path)}).choose(None).name == "eu"


@pytest.mark.parametrize(
    ("names", "asked", "message"),
    [
        (["eu", "us"], None, "the settings name 2 stores of images; name one of `eu`, `us`"),
        (["europe"], "eurpe", "the settings have no images `eurpe`; did you mean `europe`?"),
        ([], None, "the settings name no stores of images; describe one in the settings"),
        ([], "eu", "the settings have no images `eu`; describe one in the settings"),
    ],
)
def test_a_choice_that_is_none_is_explained(names: list[str], asked: str | None, message: str, tmp_path: Path) -> None:
    stores = ImageStores({name: _folder(tmp_path) for name in names})
    with pytest.raises(ImageError) as caught:
        stores.choose(asked)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", ["", "EU", "a/b", "..", "x" * 41])
def test_names_are_parts_of_urls(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is not the name of a store"):
        open_store(name, _folder(tmp_path))
