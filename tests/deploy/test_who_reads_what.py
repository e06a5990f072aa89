"""Who reads what on a server that is set up as docs/deploy.md says."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOYER, FOYER_WEB, NGINX = 60_001, 60_002, 60_003
GROUPS = {"root": 0, "foyer": FOYER, "foyer-web": FOYER_WEB}

MAKE = """
import os, sys
os.setgid(int(sys.argv[1])); os.setgroups([]); os.setuid(int(sys.argv[1])); os.umask(0o027)
for path in sys.argv[2:]:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "w") as file: file.write("x")
    os.rename(path + ".part", path)
"""
READ = """
import os, sys
os.setgroups([int(sys.argv[2])]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
for path in sys.argv[3:]:
    try:
        open(path).close(); print("read")
    except PermissionError:
        print("refused")
"""


def run(program: str, *words: object) -> list[str]:
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_nginx_reads_the_media_and_neither_settings_nor_database_nor_keys(tmp_path: Path) -> None:
    for above in (tmp_path, *tmp_path.parents):
        if not stat.S_IMODE(above.stat().st_mode) & stat.S_IXOTH:
            above.chmod(above.stat().st_mode | stat.S_IXOTH)
    told = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    folders = re.findall(r"^install -d -o (\S+)\s+-g (\S+)\s+-m (\d+) (.+)$", told, re.MULTILINE)
    assert len(folders) >= 4
    for owner, group, mode, paths in folders:
        for path in paths.split():
            made = tmp_path / path.lstrip("/")
            made.mkdir(parents=True)
            os.chown(made, GROUPS[owner], GROUPS[group])
            made.chmod(int(mode, 8))
    settings = tmp_path / "etc/foyer/foyer.toml"
    settings.touch()
    os.chown(settings, 0, FOYER)
    settings.chmod(0o640)
    data = tmp_path / "var/lib/foyer"
    film, database, key = (
        data / "files/media/ab/cd/film",
        data / "foyer.sqlite3",
        data / "keys/application.key",
    )
    run(MAKE, FOYER, film, database, key)
    assert run(READ, FOYER, FOYER, settings, film, database, key) == ["read"] * 4
    assert run(READ, NGINX, FOYER_WEB, film, settings, database, key) == ["read", *["refused"] * 3]
    assert run(READ, NGINX, NGINX, film) == ["refused"]


def test_units_and_words_name_the_same_group() -> None:
    unit = (ROOT / "deploy/systemd/foyer-web.service").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert "ExecStartPre=+/bin/chgrp foyer-web /run/foyer\n" in unit
    assert "adduser www-data foyer-web\n" in told
    for name in ("foyer-web.service", "foyer-purge.service"):
        written = (ROOT / "deploy/systemd" / name).read_text(encoding="utf-8")
        assert "StateDirectoryMode=0711\n" in written, "systemd sets it at each start"
        assert "-m 0711 /var/lib/foyer\n" in told


def test_a_reload_first_tries_whether_new_workers_could_start() -> None:
    """Gunicorn ends the whole service where they cannot."""
    unit = (ROOT / "deploy/systemd/foyer-web.service").read_text(encoding="utf-8")
    tried, told = re.findall(r"^ExecReload=(.*)$", unit, re.MULTILINE)
    assert told == "/bin/kill -HUP $MAINPID"
    command = [part.replace("/srv/foyer/.venv", sys.prefix) for part in shlex.split(tried)]
    wrong = {**os.environ, "FOYER_PROXY_HOPS": "many"}
    assert subprocess.run(command, cwd=ROOT, env=wrong, check=False).returncode == 3


def test_a_database_that_a_command_makes_is_read_by_nobody_else(tmp_path: Path) -> None:
    """And a backup of it: both as root's shell has them made."""
    database, copy = tmp_path / "foyer.sqlite3", tmp_path / "copy.sqlite3"
    script = (ROOT / "deploy/foyer").read_text(encoding="utf-8")
    script = script.replace("/srv/foyer/.venv", sys.prefix).replace("/srv/foyer", str(ROOT))
    told = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (backup,) = re.findall(r"^.*VACUUM INTO.*$", told, re.MULTILINE)
    backup = backup.replace("runuser -u foyer -- ", "").replace("/var/lib/foyer", str(tmp_path))
    me = tmp_path / "id"
    me.write_text("#!/bin/sh\necho foyer\n")
    me.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "FOYER_DEVELOPMENT": "1",
        "FOYER_CONFIG_DIR": str(tmp_path),
        "FOYER_KEYS_DIR": str(tmp_path / "keys"),
        "FOYER_STORAGE_URL": f"file://{tmp_path}/files",
        "FOYER_DATABASE_URL": f"sqlite:///{database}",
    }
    for program in (script.replace('"$@"', "db current", 1), backup):
        subprocess.run(
            ["/bin/sh", "-c", f"umask 022\n{program}"],
            env=environment,
            check=True,
            capture_output=True,
        )
    for made in (database, copy):
        assert not made.stat().st_mode & stat.S_IRWXO
