"""Where settings come from, and what is refused."""

from pathlib import Path

import pytest

from bridge.config import Secret, load_settings
from bridge.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    """Write a configuration file and return its path."""
    path = folder / "crmdav.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_file_the_defaults_lie_below_the_working_directory(tmp_path):
    """The default database and key are in `crmdav-data` below the folder one stands in."""
    settings = load_settings(environ={}, folder=tmp_path)
    assert settings.database.url == f"sqlite:///{tmp_path.resolve()}/crmdav-data/crmdav.sqlite3"
    assert settings.secrets.key_file == tmp_path.resolve() / "crmdav-data" / "crmdav.key"
    assert settings.caldav_url == "http://127.0.0.1:5232/dav/"
    assert settings.server.public_url == "http://127.0.0.1:5232"


def test_flags_win_over_environment_and_environment_over_file(tmp_path):
    """Each later source overrides only the keys it names."""
    file = written(tmp_path, '[server]\nbind = "127.0.0.1:1"\nthreads = 3\nprocesses = 2\n')
    settings = load_settings(
        file,
        environ={"CRMDAV_SERVER__BIND": "127.0.0.1:2", "CRMDAV_SERVER__THREADS": "4", "PATH": "x"},
        flags={"server.bind": "127.0.0.1:3", "server.base_url": None},
    )
    assert (settings.server.bind, settings.server.threads, settings.server.processes) == (
        "127.0.0.1:3",
        4,
        2,
    )


def test_relative_paths_are_relative_to_the_file_and_absolute_ones_stay(tmp_path):
    """A file may be used from any working directory."""
    file = written(
        tmp_path,
        '[database]\nurl = "sqlite:///data/crm.sqlite3"\n[secrets]\nkey_file = "/keys/one"\n',
    )
    settings = load_settings(file, environ={}, folder=Path("/"))
    assert settings.database.url == f"sqlite:///{tmp_path.resolve()}/data/crm.sqlite3"
    assert settings.secrets.key_file == Path("/keys/one")


def test_file_named_by_the_environment_is_read(tmp_path):
    """`CRMDAV_CONFIG` names the file when no flag does."""
    file = written(tmp_path, "[worker]\nthreads = 9\n")
    settings = load_settings(environ={"CRMDAV_CONFIG": str(file)}, folder=Path("/"))
    assert settings.worker.threads == 9


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[server]\nbnid = "127.0.0.1:1"\n', "server.bind"),
        ("[sever]\nthreads = 1\n", "server"),
        ("[worker]\npoll_interval = 5\n", "worker.poll_interval_seconds"),
    ],
)
def test_unknown_key_is_refused_with_a_suggestion(tmp_path, text, hint):
    """A misspelt key never passes silently."""
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text), environ={})
    assert caught.value.hint == f"did you mean `{hint}`?"


def test_unknown_environment_variable_is_refused_with_a_suggestion():
    """Variables are checked like keys of the file."""
    with pytest.raises(ConfigError) as caught:
        load_settings(environ={"CRMDAV_SERVER__BNID": "127.0.0.1:1"}, folder=Path("/"))
    assert caught.value.hint == "did you mean `CRMDAV_SERVER__BIND`?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER__BIND", "5232"),
        ("SERVER__BIND", "127.0.0.1:99999"),
        ("SERVER__THREADS", "many"),
        ("SERVER__THREADS", "0"),
        ("SERVER__BEHIND_TLS_PROXY", "perhaps"),
        ("SERVER__TRUSTED_PROXIES", "everybody"),
        ("DATABASE__URL", "mysql://x"),
        ("GOOGLE__PUBLISHING_STATUS", "draft"),
        ("GOOGLE__API_URL", "www.googleapis.com"),
        ("GOOGLE__PUSH", "always"),
        ("WORKER__POLL_INTERVAL_SECONDS", "true"),
        ("WORKER__POLL_INTERVAL_SECONDS", "0"),
        ("LOG__LEVEL", "loud"),
    ],
)
def test_refused_value_is_named_by_its_key(name, value):
    """The error says which setting is wrong."""
    with pytest.raises(ConfigError) as caught:
        load_settings(environ={f"CRMDAV_{name}": value}, folder=Path("/"))
    assert f"`{name.lower().replace('__', '.')}`" in str(caught.value)


def test_file_that_is_no_toml_and_missing_file_are_refused(tmp_path):
    """Both are configuration errors, not tracebacks."""
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_settings(written(tmp_path, "[server\n"), environ={})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "absent.toml", environ={})


def test_client_secret_comes_from_its_file_but_not_from_two_places(tmp_path):
    """The secret may stay out of the configuration file."""
    (tmp_path / "secret").write_text("GOCSPX-abc\n")
    file = written(tmp_path, '[google]\nclient_secret_file = "secret"\n')
    assert load_settings(file, environ={}).google.client_secret == Secret("GOCSPX-abc")
    with pytest.raises(ConfigError, match="both set"):
        load_settings(file, environ={"CRMDAV_GOOGLE__CLIENT_SECRET": "x"})


def test_secret_never_shows_in_a_repr():
    """Neither the secret nor the tree that holds it tells it."""
    settings = load_settings(environ={"CRMDAV_GOOGLE__CLIENT_SECRET": "marker"}, folder=Path("/"))
    assert "marker" not in repr(settings)
    assert f"{settings.google.client_secret}" == "***"
    assert settings.google.client_secret.reveal() == "marker"


@pytest.mark.parametrize(
    ("bind", "loopback"),
    [("127.0.0.1:1", True), ("[::1]:1", True), ("localhost:1", True), ("0.0.0.0:1", False)],
)
def test_loopback_is_told_from_the_bind_address(bind, loopback):
    """Only loopback may be served without TLS."""
    settings = load_settings(environ={"CRMDAV_SERVER__BIND": bind}, folder=Path("/"))
    assert settings.server.loopback is loopback


@pytest.mark.parametrize(
    ("push", "base_url", "address"),
    [
        ("auto", "", None),
        ("auto", "http://crm.example.com", None),
        ("auto", "https://crm.example.com/", "https://crm.example.com/google/push"),
        ("on", "", "http://127.0.0.1:5232/google/push"),
        ("off", "https://crm.example.com", None),
    ],
)
def test_google_is_asked_for_push_by_the_setting_and_by_the_public_address(push, base_url, address):
    """By itself only over https, as Google takes nothing else."""
    environ = {"CRMDAV_GOOGLE__PUSH": push, "CRMDAV_SERVER__BASE_URL": base_url}
    settings = load_settings(environ=environ, folder=Path("/"))
    assert settings.google_push_address == address


@pytest.mark.parametrize(
    ("given", "meant"), [({}, None), ({"_SECONDS": ""}, None), ({"_SECONDS": "2"}, 2.0)]
)
def test_poll_interval_is_left_open_unless_it_is_set(given, meant):
    """What is not set follows from whether Google pushes."""
    environ = {f"CRMDAV_WORKER__POLL_INTERVAL{name}": value for name, value in given.items()}
    settings = load_settings(environ=environ, folder=Path("/"))
    assert settings.worker.poll_interval_seconds == meant


def test_a_provider_to_sign_in_with_needs_a_client_and_tls(tmp_path):
    """Without an issuer nothing is asked for; http is for this machine only."""
    assert load_settings(environ={}, folder=tmp_path).oidc.issuer == ""
    for environ in (
        {"CRMDAV_OIDC__ISSUER": "https://login.example.com"},
        {"CRMDAV_OIDC__ISSUER": "http://login.example.com", "CRMDAV_OIDC__CLIENT_ID": "crm"},
        {"CRMDAV_OIDC__ISSUER": "https://login.example.com?x", "CRMDAV_OIDC__CLIENT_ID": "crm"},
        {
            "CRMDAV_OIDC__ISSUER": "https://login.example.com",
            "CRMDAV_OIDC__CLIENT_ID": "crm",
            "CRMDAV_OIDC__SCOPES": "email",
        },
    ):
        with pytest.raises(ConfigError):
            load_settings(environ=environ, folder=tmp_path)
    here = {"CRMDAV_OIDC__ISSUER": "http://127.0.0.1:9", "CRMDAV_OIDC__CLIENT_ID": "crm"}
    assert load_settings(environ=here, folder=tmp_path).oidc.client_id == "crm"


def test_the_providers_client_secret_is_read_from_its_file(tmp_path):
    """As Google's is; both at once are refused."""
    (tmp_path / "secret").write_text("of the file\n", encoding="utf-8")
    environ = {"CRMDAV_OIDC__CLIENT_SECRET_FILE": "secret"}
    assert load_settings(environ=environ, folder=tmp_path).oidc.client_secret.reveal() == (
        "of the file"
    )
    both = {**environ, "CRMDAV_OIDC__CLIENT_SECRET": "another"}
    with pytest.raises(ConfigError):
        load_settings(environ=both, folder=tmp_path)
