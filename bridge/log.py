"""Set up logging: text for people or JSON for programs, on stderr, without secrets.

Everybody else only calls `logging.getLogger(__name__)` and logs a constant message with its
variable parts in `extra`. Whatever is logged, also by libraries and in tracebacks, passes
`redacted` (threats, section 3.10).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

# At DEBUG these show headers, bodies and calendar texts.
_TALKATIVE = ("radicale", "caldav", "niquests", "urllib3", "urllib3_future", "httplib2")
_TALKATIVE_PREFIXES = ("googleapiclient", "google.auth", "google_auth_httplib2", "alembic")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_NAMED = (
    r"access_token|refresh_token|id_token|client_secret|api_token|code_verifier|password"
    r"|x-goog-channel-token"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Header lines lose all of their value.
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-token)"
            r"([\"']?\s*[:=,]\s*b?[\"']?)[^\"'\r\n]+"
        ),
        r"\1\2***",
    ),
    # Form fields, query parameters, JSON and Python dictionaries.
    (re.compile(rf"(?i)\b({_NAMED})([\"']?\s*[:=]\s*b?[\"']?)[^\s&\"',;}}\\]+"), r"\1\2***"),
    (re.compile(r"(?i)(?<![\w.-])(code|state)(=)[^\s&\"',;}\\]+"), r"\1\2***"),
    (re.compile(r"(?i)\b(Basic|Bearer)(\s+)[\w+/=.~-]{8,}"), r"\1\2***"),
    # Secrets that are told by their form: the worker's token, Google's tokens, app passwords.
    (re.compile(r"()()crmdav-worker\.[\w.-]+"), r"***"),
    (re.compile(r"()()\b(?:ya29\.|1//|GOCSPX-)[\w./-]+"), r"***"),
    (re.compile(r"()()\b[a-z2-7]{32}\b"), r"***"),
    # Passwords inside addresses.
    (re.compile(r"(://[^/\s:@]+:)()[^/\s@]+(?=@)"), r"\1***"),
)


def set_up_logging(*, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send the whole process's log to one stream; calling it again replaces the earlier set-up.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        style: `text` or `json`.
        stream: Default stderr.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in (*_TALKATIVE, *_TALKATIVE_PREFIXES):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def redacted(text: str) -> str:
    """Return the text with everything that looks like a secret replaced by `***`."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class TextFormatter(logging.Formatter):
    """One line per record: time, level, logger, message, then the extra fields as `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback below it."""
        fields = " ".join(f"{key}={_one_line(value)}" for key, value in _extra(record).items())
        head = f"{_time(record)} {record.levelname.lower():7} {record.name}: "
        line = head + _one_line(record.getMessage()) + (f" {fields}" if fields else "")
        return redacted(line + _traceback(self, record))


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object on one line; every value is redacted by itself."""
        entry = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(_one_line(record.getMessage())),
        }
        for key, value in _extra(record).items():
            shown = redacted(f"{key}={_one_line(value)}")[len(key) + 1 :]
            entry[key] = value if shown == str(value) and _plain(value) else shown
        traceback = _traceback(self, record).strip()
        if traceback:
            entry["traceback"] = redacted(traceback)
        return json.dumps(entry, ensure_ascii=False)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _one_line(value: Any) -> str:
    # A line break in a value could forge a second record.
    text = str(value).replace("\r", "\\r").replace("\n", "\\n")
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    return "\n" + formatter.formatException(record.exc_info)
