import sys
from io import BytesIO
from pathlib import Path

import pytest

from policy_lang.fleet import extras
from policy_lang.fleet.extras import MissingExtraError, require
from policy_lang.fleet.importing.devices import import_devices


def test_what_is_missing_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require("json", "re")
    with pytest.raises(MissingExtraError) as caught:
        require("json", "no_such_library")
    assert caught.value.library == "no_such_library"
    assert "pip install 'policy-lang[fleet]'" in caught.value.remedy
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "pyarrow" else sys)
    with pytest.raises(MissingExtraError, match="pyarrow"):
        import_devices(BytesIO(b"{}"), tmp_path / "fleet.parquet")
