"""What the program needs of its machine is asked for when it starts, and named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lti_tool import create_app
from lti_tool.config import ROOT, Config, ConfigurationError
from lti_tool.core.keyfiles import KeyRing, read_or_make

pytestmark = pytest.mark.slow


def settings(folder: Path) -> dict[str, str]:
    return {
        "FOYER_DEVELOPMENT": "1",
        "FOYER_CONFIG_DIR": str(folder / "config"),
        "FOYER_DATABASE_URL": f"sqlite:///{folder / 'database' / 'foyer.sqlite3'}",
        "FOYER_STORAGE_URL": (folder / "files").as_uri(),
        "FOYER_KEYS_DIR": str(folder / "keys"),
    }


def test_missing_folders_are_made(tmp_path: Path) -> None:
    create_app(Config.load(settings(tmp_path)))
    for name in ("database", "files", "keys"):
        assert (tmp_path / name).is_dir()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("FOYER_DATABASE_URL", "database"),
        ("FOYER_STORAGE_URL", "files"),
        ("FOYER_KEYS_DIR", "keys"),
    ],
)
def test_a_folder_that_cannot_be_made_stops_the_start(
    tmp_path: Path, name: str, folder: str
) -> None:
    (tmp_path / folder).write_text("a file stands in its place", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        create_app(Config.load(settings(tmp_path)))
    assert f"{name}: {tmp_path / folder}: " in str(caught.value)


def test_a_key_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "keys" / "application.key").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"FOYER_KEYS_DIR: .*application.key: "):
        create_app(Config.load(settings(tmp_path)))


@pytest.mark.parametrize("content", ["", "cut sho", "-----BEGIN PRIVATE"])
@pytest.mark.parametrize(
    "name", ["application.key", "signing-20000101T000000Z-first.pem", "invitation-1.key"]
)
def test_a_key_that_holds_none_stops_the_start(tmp_path: Path, name: str, content: str) -> None:
    """As a full disk or half a restore leaves it; an empty secret would sign for everybody."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"FOYER_KEYS_DIR: .*{name}: holds no key"):
        create_app(Config.load(settings(tmp_path)))


def test_keys_that_were_made_are_read(tmp_path: Path) -> None:
    app = create_app(Config.load(settings(tmp_path)))
    assert app.test_cli_runner().invoke(args=["keys", "list"]).exit_code == 0
    KeyRing(tmp_path / "keys", "invitation").current()
    create_app(Config.load(settings(tmp_path)))


def test_a_key_belongs_to_whom_its_folder_belongs(tmp_path: Path) -> None:
    others = 65534 if os.geteuid() == 0 else -1  # who is not root cannot give a folder away
    os.chown(tmp_path, others, others)
    read_or_make(tmp_path / "a.key", lambda: b"x")
    made, folder = (tmp_path / "a.key").stat(), tmp_path.stat()
    assert (made.st_uid, made.st_gid) == (folder.st_uid, folder.st_gid)


@pytest.mark.parametrize("inside", ["media", "incoming"])
def test_a_folder_of_somebody_else_inside_the_storage_stops_the_start(
    tmp_path: Path, inside: str
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / inside).write_text("a file stands in its place", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"FOYER_STORAGE_URL: .*/files/{inside}: "):
        create_app(Config.load(settings(tmp_path)))


AS_NOBODY = """
import os, sys
from pathlib import Path
from lti_tool.config import writable_folder
os.geteuid() or os.setuid(65534)  # root may write everywhere
writable_folder("storage_url", Path(sys.argv[1]))
"""


def test_a_folder_that_may_only_be_read_stops_the_start() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        ended = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert f"FOYER_STORAGE_URL: {folder}: Permission denied" in ended.stderr


def test_a_server_says_it_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "files").touch()
    ended = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env={**os.environ, **settings(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert "FOYER_STORAGE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr
