from pathlib import Path

import pytest
from stores import NOW, document, migrated_url, opened, stock

from policy_lang.service.admin.paging import page_of, place_behind
from policy_lang.service.problems import Problem
from policy_lang.service.store.changes import Change, NewUpdate, put_documents, write
from policy_lang.service.store.products import get_product

VERSIONS = [f"1.{minor}.0" for minor in range(450)]


def test_pages_hold_every_update_once_and_read_on_where_they_have_to(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:
        stock(database, product="atlas")
        with database.changing() as connection:
            product = get_product(connection, "atlas", locked=True)
            new = [NewUpdate(document(version, version)) for version in VERSIONS]
            write(connection, product, put_documents(connection, product, new), Change("put", "tests", NOW))
        with database.reading() as connection:
            found, after = list[str](), None
            while True:
                page = page_of(connection, "atlas", after, 37)
                found += [update.id for update in page.updates]
                after = page.next
                if after is None:
                    break
            rare = page_of(connection, "atlas", None, 2, accepts=lambda update: update.id in {"1.3.0", "1.2.0", "1.1.0"})
    assert found == VERSIONS[::-1]
    assert [update.id for update in rare.updates] == ["1.3.0", "1.2.0"]
    assert rare.next == "1.2.0"


def test_a_list_begins_behind_what_was_seen() -> None:
    assert [place_behind(["c", "b", "a"], after) for after in (None, "c", "a")] == [0, 1, 3]
    with pytest.raises(Problem, match="the list has nothing with the id `x`"):
        place_behind(["c"], "x")
