"""Read settings: file, then environment (`CRMDAV_SECTION__KEY`), then flags.

Unknown keys are errors with a suggestion. Relative paths are relative to the file's folder, or to
the working directory when there is no file.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from bridge.config.secret import Secret
from bridge.config.settings import GoogleSettings, OidcSettings, Settings
from bridge.errors import ConfigError

PREFIX = "CRMDAV_"
FILE_VARIABLE = "CRMDAV_CONFIG"
DEFAULT_FILE = "crmdav.toml"

# Names in our name space that are not settings: the file itself, and what only tests read.
_OTHER_VARIABLES = (FILE_VARIABLE, "CRMDAV_TEST_")

Values = dict[str, dict[str, Any]]
_Client = TypeVar("_Client", GoogleSettings, OidcSettings)


def load_settings(
    file: Path | None = None,
    *,
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Return the effective settings.

    Args:
        file: The file named by the person; None takes `$CRMDAV_CONFIG`, else `./crmdav.toml` if it
            is there, else no file.
        environ: The environment.
        flags: Values by `section.key`; None values count as not given.
        folder: Working directory; default the process's own.

    Raises:
        ConfigError: A file that cannot be read, an unknown key, or a refused value.
    """
    here = folder or Path.cwd()
    path = _file(file, environ, here)
    values = _from_file(path) if path else {}
    _merge(values, _from_environment(environ))
    _merge(values, _from_flags(flags or {}))
    base = path.parent if path else here
    return _whole(_with_secret_files(_rooted(_settings(values), base.resolve())))


def parse_value(kind: Any, value: Any, name: str) -> Any:
    """Return a value of the setting's type; texts are read as the environment gives them.

    Raises:
        ConfigError: The value is not of that type.
    """
    try:
        return _converted(kind, value)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"`{name}` is not {_KIND_WORDS.get(kind, 'of the right kind')}",
            hint="`crmdav config show` prints all settings",
        ) from error


def _file(file: Path | None, environ: Mapping[str, str], here: Path) -> Path | None:
    named = file or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    if named is not None:
        return here / named
    default = here / DEFAULT_FILE
    return default if default.is_file() else None


def _from_file(path: Path) -> Values:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the configuration file cannot be read: {path}",
            hint="`crmdav init` writes one",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration file is not valid TOML: {error}") from error
    for section, keys in document.items():
        _known(section, _sections(), "section")
        if not isinstance(keys, dict):
            raise ConfigError(f"`{section}` must be a section: write it as `[{section}]`")
        for key in keys:
            _known(f"{section}.{key}", _keys(), "setting")
    return document


def _from_environment(environ: Mapping[str, str]) -> Values:
    values: Values = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable.startswith(_OTHER_VARIABLES):
            continue
        section, _, key = variable.removeprefix(PREFIX).lower().partition("__")
        names = [f"{PREFIX}{name.replace('.', '__').upper()}" for name in _keys()]
        if f"{section}.{key}" not in _keys():
            raise _unknown(variable, names, "environment variable")
        values.setdefault(section, {})[key] = value
    return values


def _from_flags(flags: Mapping[str, Any]) -> Values:
    values: Values = {}
    for name, value in flags.items():
        if value is not None:
            section, _, key = name.partition(".")
            values.setdefault(section, {})[key] = value
    return values


def _merge(values: Values, newer: Values) -> None:
    for section, keys in newer.items():
        values[section] = {**values.get(section, {}), **keys}


def _settings(values: Values) -> Settings:
    sections = {}
    for name, kind in _sections().items():
        types = get_type_hints(kind)
        given = {
            key: parse_value(types[key], value, f"{name}.{key}")
            for key, value in values.get(name, {}).items()
        }
        sections[name] = kind(**given)
        _check(name, sections[name])
    return Settings(**sections)


def _check(section: str, values: Any) -> None:
    for item in fields(values):
        check = item.metadata["check"]
        wrong = check(getattr(values, item.name)) if check else None
        if wrong:
            raise ConfigError(f"`{section}.{item.name}` {wrong}")


def _converted(kind: Any, value: Any) -> Any:
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(value)
    if not isinstance(value, str | Path):
        raise TypeError("a text is wanted")
    if kind is str:
        return str(value)
    if kind is Secret:
        return Secret(str(value))
    return Path(value) if str(value) else None


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in {"true", "false"}:
        raise ValueError(word)
    return word == "true"


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        parts = json.loads(value) if value.startswith("[") else value.split(",")
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise TypeError("a list of texts is wanted")


def _whole_number(value: Any) -> int:
    return int(_not_a_switch(value))


def _number(value: Any) -> float:
    return float(_not_a_switch(value))


def _number_or_none(value: Any) -> float | None:
    return None if value == "" else _number(value)


def _not_a_switch(value: Any) -> Any:
    if isinstance(value, bool):
        raise TypeError("a switch is no number")
    return value


_READERS: dict[Any, Callable[[Any], Any]] = {
    bool: _switch,
    int: _whole_number,
    float: _number,
    float | None: _number_or_none,
    tuple[str, ...]: _words,
}
_KIND_WORDS: dict[Any, str] = {
    bool: "`true` or `false`",
    int: "a whole number",
    float: "a number",
    float | None: "a number",
    str: "a text in quotes",
    Path: "a path in quotes",
    Secret: "a text in quotes",
    tuple[str, ...]: 'a list such as `["a", "b"]`',
}


def _rooted(settings: Settings, base: Path) -> Settings:
    google, oidc = settings.google, settings.oidc
    return replace(
        settings,
        database=replace(settings.database, url=_rooted_url(settings.database.url, base)),
        secrets=replace(settings.secrets, key_file=base / settings.secrets.key_file),
        google=replace(google, client_secret_file=_below(base, google.client_secret_file)),
        oidc=replace(oidc, client_secret_file=_below(base, oidc.client_secret_file)),
    )


def _below(base: Path, path: Path | None) -> Path | None:
    return base / path if path else None


def _rooted_url(url: str, base: Path) -> str:
    scheme, marker, path = url.partition(":///")
    if not scheme.startswith("sqlite") or not marker or path.startswith("/") or not path:
        return url
    return f"{scheme}:///{base / path}"


def _with_secret_files(settings: Settings) -> Settings:
    return replace(
        settings,
        google=_with_secret_file("google", settings.google),
        oidc=_with_secret_file("oidc", settings.oidc),
    )


def _with_secret_file(section: str, client: _Client) -> _Client:
    """Return the section with the secret that its file holds."""
    file = client.client_secret_file
    if file is None:
        return client
    if client.client_secret:
        raise ConfigError(
            f"`{section}.client_secret` and `{section}.client_secret_file` are both set",
            hint="keep the file and remove the other",
        )
    try:
        secret = Secret(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file of the client secret cannot be read: {file}") from error
    return replace(client, client_secret=secret)


def _whole(settings: Settings) -> Settings:
    """Demand what a section needs besides."""
    oidc = settings.oidc
    if oidc.issuer and not oidc.client_id:
        raise ConfigError("`oidc.issuer` is set, and `oidc.client_id` is not")
    if oidc.issuer and "openid" not in oidc.scopes.split():
        raise ConfigError("`oidc.scopes` lacks `openid`")
    return settings


def _sections() -> dict[str, Any]:
    return get_type_hints(Settings)


def _keys() -> list[str]:
    return [
        f"{section}.{item.name}" for section, kind in _sections().items() for item in fields(kind)
    ]


def _known(name: str, names: Mapping[str, Any] | list[str], what: str) -> None:
    if name not in names:
        raise _unknown(name, list(names), what)


def _unknown(name: str, names: list[str], what: str) -> ConfigError:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean `{close[0]}`?" if close else "`crmdav config show` prints all settings"
    return ConfigError(f"unknown {what} `{name}`", hint=hint)
