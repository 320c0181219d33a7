import pickle
from pathlib import Path

import pytest

from policy_lang.service.images.settings import FolderImages, S3Images
from policy_lang.service.settings import Settings, SettingsError, load_settings


def problems(file: Path | None = None, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(file, environment)
    return list(caught.value.problems)


def test_without_sources_there_are_defaults() -> None:
    assert load_settings(environment={}) == Settings()


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('database = "sqlite:///file.db"\nurl_seconds = 600\n[server]\nport = 1\nhost = "::1"\nworkers = 2\n')
    environment = {"POLICY_SERVER__PORT": "2", "POLICY_SERVER__WORKERS": "3", "POLICY_LOG_CHECKINS": "false"}
    flags = {"server.port": 4, "server.host": None}
    found = load_settings(file, environment, flags, {"database": "sqlite:///default.db", "refresh_seconds": 2.5})
    assert (found.server.port, found.server.workers, found.server.host) == (4, 3, "::1")
    assert (found.database, found.refresh_seconds, found.url_seconds, found.log_checkins) == ("sqlite:///file.db", 2.5, 600, False)


@pytest.mark.parametrize(("value", "audit"), [("all", "all"), ("none", "none"), ("0.5", 0.5), ("1", 1.0)])
def test_the_audit_is_a_word_or_a_share(value: str, audit: object) -> None:
    assert load_settings(environment={"POLICY_AUDIT": value}).audit == audit


def test_a_list_in_the_environment_has_commas() -> None:
    assert load_settings(environment={"POLICY_SERVER__PROXIES": "10.0.0.1, 10.0.0.2"}).server.proxies == ("10.0.0.1", "10.0.0.2")


def test_stores_of_images_have_names(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        '[images.eu]\nkind = "s3"\nbucket = "b"\n[images.here]\nkind = "folder"\npath = "/i"\nurl = "https://e.example"\n'
    )
    found = load_settings(file, {}).images
    assert found == {"eu": S3Images(bucket="b"), "here": FolderImages(path="/i", url="https://e.example")}


def test_variables_of_others_are_left_alone() -> None:
    assert load_settings(environment={"POLICY_DEBUG": "1", "POLICY_AGENT_TOKEN": "x", "POLICY_CONFIG": "x"}) == Settings()


def test_every_problem_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('database = 7\nserver = 1\n[limits]\nmax_bodi = 1\nthreads = 0\n[images.eu]\nkind = "s3"\n')
    assert problems(file, POLICY_AUDIT="2", POLICY_DATABSE="x", POLICY_SERVER__PORT="99999") == [
        f"{file}: `database`: expected text, got a whole number",
        f"{file}: `server`: write a table, `[server]`",
        f"{file}: `limits.max_bodi`: there is no such setting; did you mean `max_body`?",
        f"{file}: `limits.threads`: expected a whole number >= 1",
        f"{file}: `images`: `[...]`: object missing required field `bucket`",
        "POLICY_AUDIT: expected a number <= 1.0",
        "POLICY_DATABSE: there is no such setting; did you mean `POLICY_DATABASE`?",
        "POLICY_SERVER__PORT: expected a whole number <= 65535",
    ]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.toml") == [f"{tmp_path / 'none.toml'}: cannot be read: no such file or directory"]
    (tmp_path / "bad.toml").write_text("a = = 1")
    assert problems(tmp_path / "bad.toml")[0].startswith(f"{tmp_path / 'bad.toml'}: invalid value")


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"POLICY_SERVER__TLS_KEY": "k.pem"}, "`server.tls_cert` and `server.tls_key` need each other"),
        ({"POLICY_PATHS__UPDATE": "/a", "POLICY_PATHS__REPORT": "/a"}, "`paths.update` and `paths.report` are both `/a`"),
        ({"POLICY_PATHS__UPDATE": "/metrics"}, "`paths.update`: `/metrics` is taken by the service itself"),
        ({"POLICY_PATHS__REPORT": "/api/v1/x"}, "`paths.report`: `/api/v1/x` is taken by the service itself"),
    ],
)
def test_what_contradicts_itself_is_a_problem(environment: dict[str, str], problem: str) -> None:
    assert problems(None, **environment) == [problem]


@pytest.mark.parametrize("path", ["update", "/a//b", "/a?b", "/ä", "/"])
def test_a_path_is_plain(path: str) -> None:
    assert len(problems(POLICY_PATHS__UPDATE=path)) == 1


def test_settings_reach_the_workers() -> None:
    settings = load_settings(environment={"POLICY_SERVER__WORKERS": "4"})
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301  ours
