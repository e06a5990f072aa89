"""The commented examples in config/ are what the program reads, and leave nothing out."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.config import Config
from lti_tool.core.http import Policy
from lti_tool.lti import platform_files
from lti_tool.lti.platforms import FAMILIES
from lti_tool.lti.registrations import Loaded, by_name

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).parents[2]
PLATFORMS = sorted((ROOT / "config" / "platforms").glob("*.toml.example"))


def uncommented(path: Path, kept: str = r"[a-z_]+ = ") -> str:
    """The example with all its values switched on, its words left as comments."""
    return re.sub(rf"^# ({kept})", r"\1", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_setting_stands_in_the_example_and_is_accepted(tmp_path: Path) -> None:
    text = uncommented(ROOT / "config" / "foyer.toml.example")
    written = re.findall(r"^([a-z_]+) = ", text, re.MULTILINE)
    assert written == [item.name for item in fields(Config)]
    (tmp_path / "foyer.toml").write_text(text, encoding="utf-8")
    config = Config.load({"FOYER_CONFIG_DIR": str(tmp_path)})
    assert config.base_url == "https://foyer.example.edu"
    assert config.proxy_hops == 1
    assert not config.development


def test_the_example_as_it_stands_changes_nothing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config" / "foyer.toml.example", tmp_path / "foyer.toml")
    untouched = {"FOYER_CONFIG_DIR": str(tmp_path), "FOYER_DEVELOPMENT": "1"}
    config = Config.load(untouched)
    plain = Config(development=True)
    for item in fields(Config):
        if item.name != "config_dir":
            assert getattr(config, item.name) == getattr(plain, item.name)


@pytest.mark.parametrize("example", PLATFORMS, ids=lambda path: path.name)
@pytest.mark.parametrize("switched_on", [False, True], ids=["as-shipped", "all-values"])
def test_a_platform_example_is_taken_by_a_server(
    app: Flask, tmp_path: Path, example: Path, switched_on: bool
) -> None:
    name = example.name.removesuffix(".toml.example")
    text = uncommented(example) if switched_on else example.read_text(encoding="utf-8")
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with app.app_context():
        assert list(platform_files.apply_all(tmp_path, Policy())) == [Loaded(name, added=True)]
        assert list(platform_files.apply_all(tmp_path, Policy())) == [Loaded(name)]
        row = by_name(name)
        assert row.family == name
        assert bool(row.frame_origins) is switched_on


def test_there_is_an_example_for_every_family_and_every_key() -> None:
    assert {path.name.partition(".")[0] for path in PLATFORMS} == set(FAMILIES) - {"other"}
    for path in PLATFORMS:
        names = set(re.findall(r"^([a-z_]+) = ", uncommented(path), re.MULTILINE))
        assert names == platform_files.KNOWN
