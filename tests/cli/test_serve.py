import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from service_world import UPDATE, RealServer, http, served, until

from policy_lang.cli import main
from policy_lang.cli.exits import ExitCode

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("catalog.yaml", "device.schema.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    return tmp_path


def tokens(server: RealServer) -> dict[str, str]:
    """The device tokens that were shown."""
    return dict(re.findall(r"Device token of (\w+), shown this once: (\w+)", server.text))


def offered(server: RealServer, token: str) -> str | None:
    """The update that a device from the beginning gets."""
    answer = server.exchange(http(UPDATE, b'{"id":"device-1","version":"1.0.0"}', token))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer
    found: str | None = json.loads(answer.partition(b"\r\n\r\n")[2]).get("update")
    return found


def test_one_command_serves_the_example_and_says_what_an_operator_needs(folder: Path) -> None:
    with served(folder, "catalog.yaml") as server:
        shown = tokens(server)
        assert set(shown) == {"atlas", "beacon", "cellgate"}
        for words in (
            f"Serving http://127.0.0.1:{server.port} (1 worker; Ctrl+C ends it)",
            "database   sqlite:///catalog.db",
            UPDATE,
            "/healthz",
        ):
            assert words in server.text
        assert "product    atlas: 5 updates" in server.text
        assert f"curl -H 'Authorization: {shown['atlas']}'" in server.text
        assert offered(server, shown["atlas"]) == "atlas-2.2.1"
        assert server.stop() == 0
    with served(folder, "catalog.yaml") as again:
        assert tokens(again) == {}
        assert offered(again, shown["atlas"]) == "atlas-2.2.1"


def test_the_database_follows_the_file_and_its_schema(folder: Path) -> None:
    catalog, schema = folder / "catalog.yaml", folder / "device.schema.json"
    with served(folder, "catalog.yaml", "--workers", "2", count=2, environment={"POLICY_REFRESH_SECONDS": "0.2"}) as server:
        token = tokens(server)["atlas"]
        text = catalog.read_text()
        catalog.write_text(text.replace("atlas-2.2.1", "atlas-2.2.9").replace("version: 2.2.1", "version: 2.2.9"))
        until(lambda: server.text.count('"revision":3') == 2)
        assert {offered(server, token) for _ in range(10)} == {"atlas-2.2.9"}
        catalog.write_text("updates: [")
        until(lambda: "catalog file not usable" in server.text)
        assert offered(server, token) == "atlas-2.2.9"
        catalog.write_text(text)
        until(lambda: server.text.count('"revision":4') == 2)
        assert offered(server, token) == "atlas-2.2.1"
        schema.write_text(schema.read_text().replace('"properties": {', '"properties": {"added": {"type": "string"},', 1))
        until(lambda: server.text.count('"revision":5') >= 2)
        assert server.text.count("catalog file not usable") == 1


def test_an_admin_token_changes_no_catalog_that_is_kept_in_a_file(folder: Path) -> None:
    with served(folder, "catalog.yaml") as server:
        assert (
            main(["service", "token", "create", "atlas", "--scope", "admin", "--database", f"sqlite:///{folder}/catalog.db"]) == 0
        )
        assert server.process.poll() is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "error[PL501]"),
        (["--database", "sqlite:///none.db"], "there is no such database"),
        (["--database", "mysql://x"], "--database"),
        (["catalog.yaml", "--workers", "0"], "--workers: expected a whole number >= 1"),
        (["catalog.yaml", "--tls-cert", "none.pem"], "`server.tls_cert` and `server.tls_key` need each other"),
        (["catalog.yaml", "--config", "none.toml"], "none.toml: cannot be read"),
        (["catalog.yaml", "--host", "203.0.113.1", "--port", "0"], "cannot listen on 203.0.113.1"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(
    arguments: list[str], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert main(["serve", *arguments]) == ExitCode.BAD_INPUT
    shown = capsys.readouterr()
    assert message in shown.err
    assert "help" in shown.err
    assert shown.out == ""


def test_first_tokens_are_not_made_where_nobody_would_see_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "catalog.yaml", "--port", str(taken.getsockname()[1])]) == ExitCode.BAD_INPUT
    assert "address already in use" in capsys.readouterr().err
    assert not (folder / "catalog.db").exists()


def test_a_store_of_images_that_cannot_be_used_is_said_before_anything_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / "policy.toml").write_text('[images.here]\nkind = "folder"\npath = "images"\nurl = "http://example.com"\n')
    assert main(["serve", "catalog.yaml", "--config", "policy.toml"]) == ExitCode.BAD_INPUT
    assert "error: the `url` of the images of `here` is not https" in capsys.readouterr().err
    assert not (folder / "catalog.db").exists()


def test_every_problem_of_the_settings_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("POLICY_AUDIT", "sometimes")
    monkeypatch.setenv("POLICY_SERVER__PROT", "1")
    assert main(["serve", "catalog.yaml"]) == ExitCode.BAD_INPUT
    assert "POLICY_AUDIT: " in (shown := capsys.readouterr().err)
    assert "POLICY_SERVER__PROT: there is no such setting; did you mean `POLICY_SERVER__PORT`?" in shown


def test_tokens_in_the_open_are_warned_of(folder: Path) -> None:
    with served(folder, "catalog.yaml", "--host", "0.0.0.0", environment={"POLICY_DROP_REGISTRATIONS": "true"}) as server:  # noqa: S104  the warning is about it
        assert "warning: without `--tls-cert` and `--tls-key`, tokens cross the network readable" in server.text
        assert "warning: `drop_registrations` is on" in server.text


def test_without_the_extra_the_remedy_is_said() -> None:
    code = "import sys; sys.modules['msgspec'] = None; from policy_lang.cli import main; sys.exit(main(['serve', 'catalog.yaml']))"
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == ExitCode.BAD_INPUT
    assert "`msgspec` is not installed" in ended.stderr
    assert "pip install 'policy-lang[service]'" in ended.stderr
