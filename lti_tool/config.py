"""Every operator's setting: its type, its default, its meaning.

Values come from ``foyer.toml`` in the configuration folder and from environment variables
``FOYER_<NAME>``, which win. A wrong or missing value stops the start with one message that
names all of them.
"""

from __future__ import annotations

import errno
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import ConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
_NO_ORIGIN = "must be a web address such as https://foyer.example.edu"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigurationError(Exception):
    """One or more settings are wrong; the text lists them all."""


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("must be a text that is not empty")
    return raw.strip()


def _secret(raw: Any) -> str:
    value = _text(raw)
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
    return value


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if str(raw).strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if str(raw).strip().lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("must be 1 or 0")


def _number(minimum: int, maximum: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        try:
            value = int(str(raw))
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not minimum <= value <= maximum:
            raise ValueError(f"must be between {minimum} and {maximum}")
        return value

    return read


def _origin(raw: Any) -> str:
    try:
        parts = urlsplit(_text(raw).rstrip("/"))
        port = parts.port
    except ValueError:
        raise ValueError(_NO_ORIGIN) from None
    if parts.scheme not in _PORTS or parts.query or parts.fragment:
        raise ValueError(_NO_ORIGIN)
    if parts.path:
        raise ValueError("must have no path: cookies are bound to the whole host")
    if not _HOST.fullmatch(parts.netloc):
        raise ValueError(_NO_ORIGIN)
    host = parts.netloc.lower()
    # Browsers leave the usual port out, and so do the addresses that LMSs are told.
    return f"{parts.scheme}://{host.rpartition(':')[0] if port == _PORTS[parts.scheme] else host}"


def _origins(raw: Any) -> tuple[str, ...]:
    return tuple(_origin(value) for value in _listed(raw, "web addresses"))


def _listed(raw: Any, what: str) -> list[Any]:
    """Read a list, or a text whose parts commas divide; empty parts are none."""
    values = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(values, list | tuple):
        raise ValueError(f"must be a list of {what}")
    return [value for value in values if str(value).strip()]


_UNREADABLE = "cannot be read; in a password / is written %2F, @ %40, : %3A, # %23 and % %25"


def _database(raw: Any) -> str:
    value = _text(raw)
    if value.startswith(("postgres://", "postgresql://")):
        value = "postgresql+psycopg://" + value.split("://", 1)[1]
    if value.startswith("sqlite:///") and not value.startswith("sqlite:////"):
        raise ValueError("must name the whole path, with four slashes: sqlite:////var/lib/foyer.db")
    if not value.startswith(("sqlite:////", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(_UNREADABLE) from None
    return value


def _redis(raw: Any) -> str:
    value = _text(raw)
    if value == "memory://":
        return value
    if not value.startswith(("redis://", "rediss://", "redis+unix:///")):
        raise ValueError("must be memory:// or begin with redis://, rediss:// or redis+unix:///")
    try:
        ConnectionPool.from_url(value.removeprefix("redis+"))  # reads it and does not connect
    except ValueError:
        raise ValueError(_UNREADABLE) from None
    return value


def _file_storage(raw: Any) -> str:
    value = _text(raw)
    if not value.startswith("file:///"):
        raise ValueError("must begin with file:///")
    if "?" in value or "#" in value:
        raise ValueError("cannot be read; in a path ? is written %3F and # %23")
    return value


_HOST_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*")


def _hosts(raw: Any, around: str = "") -> tuple[str, ...]:
    hosts = tuple(_text(value).lower().lstrip(around) for value in _listed(raw, "host names"))
    if not all(_HOST_NAME.fullmatch(host) for host in hosts):
        raise ValueError("must be host names such as lms.example.edu, without https:// and port")
    return hosts


def _domains(raw: Any) -> tuple[str, ...]:
    """Read hosts that stand for all below them, as the variable no_proxy has them, too."""
    return _hosts(raw, around="*.")


def _proxy(raw: Any) -> str:
    value = _text(raw)
    try:
        parts = urlsplit(value)
        fits = parts.scheme in _PORTS and parts.hostname and parts.port is not None
    except ValueError:
        fits = False
    if not fits or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be an address with its port such as http://proxy.example.edu:3128")
    return value.rstrip("/")


def _location(raw: Any) -> str:
    value = _text(raw)
    if not value.startswith("/"):
        raise ValueError("must begin with / as in nginx's configuration, such as /_media")
    return value


def _folder(raw: Any) -> Path:
    try:
        # Not where the command happens to be run: all processes must mean the same folder.
        return ROOT / Path(_text(raw)).expanduser()
    except RuntimeError:
        raise ValueError("begins with the home of a user whom this machine does not know") from None


def _level(raw: Any) -> str:
    value = _text(raw).upper()
    if value not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return value


def _setting(read: Callable[[Any], Any], default: Any, meaning: str) -> Any:
    metadata = {"read": read, "meaning": meaning}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Config:
    """The operator's settings after they have been read and checked."""

    base_url: str = _setting(
        _origin, "http://127.0.0.1:8000", "the address people and LMSs reach this tool at"
    )
    former_base_urls: tuple[str, ...] = _setting(
        _origins, (), "addresses the tool was reached at before, which links in LMSs still name"
    )
    database_url: str = _setting(
        _database,
        lambda: f"sqlite:///{ROOT / 'var' / 'foyer.sqlite3'}",
        "SQLite file or PostgreSQL database",
    )
    redis_url: str = _setting(
        _redis, "memory://", "Redis for rate limits; memory:// keeps them in the process"
    )
    storage_url: str = _setting(
        _file_storage, lambda: (ROOT / "var" / "files").as_uri(), "where media files are kept"
    )
    accel_location: str = _setting(
        _location,
        "",
        "nginx internal location that serves the storage folder; empty: the tool serves files",
    )
    secret_key: str = _setting(
        _secret, "", "signs form tokens and file addresses; empty: made at first start in keys_dir"
    )
    config_dir: Path = _setting(_folder, lambda: ROOT / "config", "folder of foyer.toml, platforms")
    keys_dir: Path = _setting(_folder, lambda: ROOT / "keys", "folder of the tool's own keys")
    proxy_hops: int = _setting(
        _number(0, 5), 0, "reverse proxies in front of the tool; 0: no X-Forwarded-For is believed"
    )
    development: bool = _setting(
        _boolean, False, "permits platforms on http and on local addresses"
    )
    several_people: bool = _setting(
        _boolean, None, "lets one browser be several people of one LMS; left out: as development"
    )
    private_hosts: tuple[str, ...] = _setting(
        _hosts, (), "LMS hosts on a private network that the tool may call"
    )
    http_proxy: str = _setting(
        _proxy, "", "HTTP proxy through which LMSs are called; empty: they are called directly"
    )
    no_proxy: tuple[str, ...] = _setting(
        _domains, (), "hosts that are called without the proxy, and all below them"
    )
    upload_limit_mb: int = _setting(
        _number(1, 102_400), 4096, "largest file that may be uploaded, in MiB"
    )
    log_level: str = _setting(_level, "INFO", "least severe log line that is written")

    def __post_init__(self) -> None:
        if self.several_people is None:
            # The tabs of the sandbox can be several people; on a server computers are shared.
            object.__setattr__(self, "several_people", self.development)

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read ``foyer.toml`` and the environment.

        Raises ConfigurationError.
        """
        env = os.environ if environment is None else environment
        path, written = _read_toml(env)
        known = {item.name: item for item in fields(cls)}
        wrong = [_not_a_setting(name, known) for name in written if name not in known]
        wrong += _mistyped_variables(env, known)
        values: dict[str, Any] = {}
        for name, item in known.items():
            variable = f"FOYER_{name.upper()}"
            if variable in env:
                source, raw = variable, env[variable]
            elif name in written:
                source, raw = f"foyer.toml: {name}", written[name]
            else:
                continue
            if isinstance(raw, str) and not raw.strip() and item.default == "":
                continue
            try:
                values[name] = item.metadata["read"](raw)
            except ValueError as error:
                wrong.append(f"{source}: {error} ({item.metadata['meaning']})")
        config = None if wrong else cls(**values)
        if config is not None and config._is_unsafe():
            told = "" if "base_url" in values else f", which is set neither there nor in {path}"
            wrong = [
                f"FOYER_BASE_URL{told}: must be https:// (browsers refuse an LMS frame over http); "
                "on your own machine set FOYER_DEVELOPMENT=1"
            ]
        if wrong or config is None:
            raise ConfigurationError("The settings are wrong:\n  " + "\n  ".join(wrong))
        return config

    def _is_unsafe(self) -> bool:
        return self.base_url.startswith("http://") and not self.development


@contextmanager
def folder_in_use(setting: str, folder: Path, mode: int = 0o777) -> Iterator[None]:
    """Make the folder that a setting names, where it is missing, for what is done inside.

    ``mode`` is that of a folder that is made. Raises ConfigurationError where the system refuses.
    """
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ConfigurationError(
            "The settings are wrong:\n"
            f"  FOYER_{setting.upper()}: {error.filename or folder}: {error.strerror}"
        ) from error


def writable_folder(setting: str, folder: Path) -> None:
    """See that files can be made in the folder that a setting names.

    Raises ConfigurationError.
    """
    with folder_in_use(setting, folder):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _not_a_setting(name: str, known: Iterable[str]) -> str:
    plain = name.lower().replace("-", "_").removeprefix("foyer_")
    near = get_close_matches(plain, known, 1, 0.8)
    return f"{name}: is not a setting{f'; did you mean {near[0]}?' if near else ''}"


def _mistyped_variables(env: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Name variables that are all but one of ours; others may be there for other programs."""
    found = []
    for variable in env:
        name = variable.removeprefix("FOYER_").lower()
        if variable.startswith("FOYER_") and name not in known:
            near = get_close_matches(name, known, 1, 0.8)
            found += [f"{variable}: did you mean FOYER_{one.upper()}?" for one in near]
    return found


def _read_toml(env: Mapping[str, str]) -> tuple[Path, dict[str, Any]]:
    """Read the file of settings, and say which one it is; one that is not there is empty."""
    try:
        folder = _folder(env.get("FOYER_CONFIG_DIR", str(ROOT / "config")))
    except ValueError:
        return Path("foyer.toml"), {}  # It is told with all the other wrong ones.
    path = folder / "foyer.toml"
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return path, {}
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
