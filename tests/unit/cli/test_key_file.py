"""The installation's key file and what is derived from it."""

import stat

import pytest

from bridge.application.keys import InstallationKeys, make_key_file, read_key_file
from bridge.domain.worker_token import PURPOSE, derive_key
from bridge.errors import AlreadyExists, ConfigError


def test_new_key_file_is_private_and_never_written_over(tmp_path):
    """A second one would make every stored token useless."""
    path = tmp_path / "deep" / "crmdav.key"
    make_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(AlreadyExists):
        make_key_file(path)


def test_line_end_added_by_an_editor_changes_no_key(tmp_path):
    """The secret is the text without surrounding blanks."""
    path = tmp_path / "crmdav.key"
    make_key_file(path)
    before = read_key_file(path)
    path.write_bytes(path.read_bytes() + b"\n")
    assert read_key_file(path) == before


def test_each_purpose_has_a_key_of_its_own():
    """None shows the secret; the plugin derives the same ones."""
    keys = InstallationKeys(secret=b"0" * 64)
    derived = [keys.worker, keys.app_passwords, keys.event_ids, keys.pages]
    assert len(set(derived)) == len(derived)
    assert keys.worker == derive_key(b"0" * 64, PURPOSE)
    assert keys.app_passwords == derive_key(b"0" * 64, "app passwords")
    assert "0000" not in repr(keys)


def test_missing_and_short_key_files_are_refused(tmp_path):
    """The hint names the command that makes one."""
    with pytest.raises(ConfigError) as caught:
        read_key_file(tmp_path / "absent")
    assert caught.value.hint == "`crmdav init` makes one"
    short = tmp_path / "short"
    short.write_bytes(b"short")
    short.chmod(0o600)
    with pytest.raises(ConfigError, match="too short"):
        read_key_file(short)
