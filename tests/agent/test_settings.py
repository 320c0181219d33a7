from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policy_lang.agent import settings as settings_module
from policy_lang.agent.settings import Settings, read_settings
from policy_lang.errors import PolicyError

LEAST: dict[str, Any] = {"host": "https://updates.example.com", "token": "secret", "id": "device-1", "version": "1.0.0"}

FULL = """{
    // every key there is
    host: 'https://updates.example.com/', token_file: 'token', id: 'device-1', product: 'atlas',
    version_file: '/opt/product/current/VERSION', device_file: 'other.json5', properties: {region: 'us-west', memory: 512},
    directories: {state: '/data/agent', image: '/data/update.img'},
    scripts: {update: 'scripts/update', repeat: false},
    paths: {update: '/v1/update', report: '/v1/report'},
    update: {schedule: '30 3 * * *', period: '24 hr', jitter: '30 min', apply: '0 1-4 * * *', timezone: 'Europe/Berlin',
             attempts: 5, downgrade: 'deny'},
    timeouts: {connect: '5 secs', read: '20 secs', api: '30 secs', download: '4 hrs', script: '5 mins'},
    limits: {image: '64 mb'},
    tls: {authority: 'authority.pem'},
}
"""


def codes(value: Any, **more: Any) -> list[tuple[str, str | None]]:
    """The findings about some settings."""
    with pytest.raises(PolicyError) as caught:
        read_settings(None, value, **more)
    return [(each.code, each.field) for each in caught.value.diagnostics]


def test_every_key(tmp_path: Path) -> None:
    path = tmp_path / "config.json5"
    path.write_text(FULL)
    settings = read_settings(path)
    assert settings.host == "https://updates.example.com"
    assert (settings.token_file, settings.device_file) == (tmp_path / "token", tmp_path / "other.json5")
    assert (settings.script, settings.authority) == (tmp_path / "scripts" / "update", tmp_path / "authority.pem")
    assert settings.version_file == Path("/opt/product/current/VERSION")
    assert (settings.state, settings.image_path) == (Path("/data/agent"), Path("/data/update.img"))
    assert (settings.update_path, settings.report_path) == ("/v1/update", "/v1/report")
    assert (settings.is_repeatable, settings.allows_downgrade, settings.attempts) == (False, False, 5)
    assert settings.properties == {"region": "us-west", "memory": 512}
    assert (settings.schedule.text, settings.schedule.zone.key) == ("30 3 * * *", "Europe/Berlin")
    assert (settings.apply.text, settings.apply.zone.key) == ("0 1-4 * * *", "Europe/Berlin")
    assert (settings.period, settings.jitter) == (timedelta(days=1), timedelta(minutes=30))
    assert settings.download_timeout == timedelta(hours=4)
    assert settings.max_image == 64 * 2**20


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "agent.md").read_text()
    readers = vars(settings_module)["_readers"](Path())
    names = [f"{section}.{key}".removeprefix(".") for section, keys in readers.items() for key in keys]
    assert len(names) > 20
    assert [name for name in names if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.toml", 'host = "h"\ntoken = "t"\nid = "7"\nversion = "1.0.0"\n[update]\nperiod = "12h"\n'),
        ("config.yaml", "host: h\ntoken: t\nid: '7'\nversion: 1.0.0\nupdate: {period: 12 hr}\n"),
        ("config.json", '{"host": "h", "token": "t", "id": "7", "version": "1.0.0", "update": {"period": 43200}}'),
    ],
)
def test_other_formats(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    settings = read_settings(path)
    assert (settings.host, settings.period) == ("https://h", timedelta(hours=12))


def test_what_is_given_wins_and_properties_come_together(tmp_path: Path) -> None:
    path = tmp_path / "config.json5"
    path.write_text("{host: 'h', token: 't', id: '7', version: '1.0.0', properties: {a: 1, b: 1}}")
    settings = read_settings(path, {"id": "8", "properties": {"b": "2"}})
    assert (settings.id, settings.properties) == ("8", {"a": 1, "b": "2"})


def test_the_file_of_the_device_lies_beside_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.json5"
    path.write_text("{host: 'h', token: 't'}")
    with pytest.raises(PolicyError, match="`id` is missing"):
        read_settings(path)
    (tmp_path / "device.json5").write_text("{id: '7', version: '1.0.0'}")
    assert read_settings(path).device_file == tmp_path / "device.json5"


def test_the_token_is_never_shown() -> None:
    assert "secret" not in repr(read_settings(None, LEAST))


@pytest.mark.parametrize("name", ["host", "token", "id", "version"])
def test_what_no_agent_can_do_without(name: str) -> None:
    assert codes({key: value for key, value in LEAST.items() if key != name}) == [("PL505", name)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"update": {"perriod": "24 hr"}}, ("PL504", "update.perriod")),
        ({"uptade": {}}, ("PL504", "uptade")),
        ({"update": {"period": "soon"}}, ("PL507", "update.period")),
        ({"update": {"period": "30 secs"}}, ("PL507", "update.period")),
        ({"update": {"period": "2000 days"}}, ("PL507", "update.period")),
        ({"update": {"schedule": "60 * * * *"}}, ("PL507", "update.schedule")),
        ({"update": {"timezone": "Mars/Olympus"}}, ("PL507", "update.timezone")),
        ({"update": {"timezone": "../etc"}}, ("PL507", "update.timezone")),
        ({"update": {"attempts": 0}}, ("PL507", "update.attempts")),
        ({"update": {"downgrade": "maybe"}}, ("PL507", "update.downgrade")),
        ({"update": None}, ("PL506", "update")),
        ({"scripts": {"repeat": "yes"}}, ("PL506", "scripts.repeat")),
        ({"timeouts": {"read": 0}}, ("PL507", "timeouts.read")),
        ({"limits": {"image": "0"}}, ("PL507", "limits.image")),
        ({"limits": {"image": "3 tons"}}, ("PL507", "limits.image")),
        ({"paths": {"update": "tok"}}, ("PL507", "paths.update")),
        ({"properties": {"version": "2.0.0"}}, ("PL507", "properties")),
        ({"host": "http://updates.example.com"}, ("PL507", "host")),
        ({"host": "http://127.0.0.1:80"}, ("PL507", "host")),
        ({"host": "https://user@updates.example.com"}, ("PL507", "host")),
        ({"version": "1.0"}, ("PL507", "version")),
    ],
)
def test_what_is_wrong_is_refused(more: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in codes({**LEAST, **more})


def test_plain_http_is_for_this_machine_and_where_it_is_allowed() -> None:
    assert read_settings(None, {**LEAST, "host": "http://127.0.0.1:80"}, allows_loopback=True).host == "http://127.0.0.1:80"
    assert codes({**LEAST, "host": "http://10.0.0.1"}, allows_loopback=True) == [("PL507", "host")]
    assert codes({**LEAST, "host": "http://localhost.example.com"}, allows_loopback=True) == [("PL507", "host")]


def test_settings_that_are_no_object(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("- host\n")
    with pytest.raises(PolicyError, match="settings are an object, not a list"):
        read_settings(path)


def test_defaults() -> None:
    settings = Settings("https://h", Path("/x"))
    assert (settings.period, settings.attempts, settings.image_path) == (timedelta(days=1), 3, Path("/x/update.bin"))
