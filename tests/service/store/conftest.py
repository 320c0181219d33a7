"""Each test of the store runs on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import ENGINES, migrated_url, opened

from policy_lang.service.store.database import Database


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the tables of this release and nothing in them."""
    with opened(migrated_url(request.param, tmp_path)) as found:
        yield found
