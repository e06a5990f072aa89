"""The operator's settings: read from the environment and foyer.toml, refused all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lti_tool.config import ROOT, Config, ConfigurationError


def load(folder: Path, toml: str = "", **environment: str) -> Config:
    (folder / "foyer.toml").write_text(toml, encoding="utf-8")
    return Config.load({"FOYER_CONFIG_DIR": str(folder), "FOYER_DEVELOPMENT": "1", **environment})


def complaint(folder: Path, toml: str = "", **environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, toml, **environment)
    return str(caught.value)


def test_nothing_needs_to_be_set_on_a_developers_machine(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.database_url.startswith("sqlite:///")
    assert config.proxy_hops == 0
    assert config.private_hosts == ()
    assert config.config_dir == tmp_path


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    config = Config.load({"FOYER_CONFIG_DIR": str(tmp_path / "none"), "FOYER_DEVELOPMENT": "yes"})
    assert config.development is True


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    toml = 'base_url = "https://file.example"\nproxy_hops = 2\n'
    config = load(tmp_path, toml, FOYER_BASE_URL="https://env.example/")
    assert config.base_url == "https://env.example"
    assert config.proxy_hops == 2


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("postgresql://u@db/foyer", "postgresql+psycopg://u@db/foyer"),
        ("postgres://u@db/foyer", "postgresql+psycopg://u@db/foyer"),
        ("postgresql+psycopg://u@db/foyer", "postgresql+psycopg://u@db/foyer"),
        ("sqlite:////var/lib/foyer.sqlite3", "sqlite:////var/lib/foyer.sqlite3"),
    ],
)
def test_database_addresses(tmp_path: Path, written: str, used: str) -> None:
    assert load(tmp_path, FOYER_DATABASE_URL=written).database_url == used


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("https://Foyer.Example.EDU/", "https://foyer.example.edu"),
        ("https://foyer.example.edu:443", "https://foyer.example.edu"),
        ("https://foyer.example.edu:8443", "https://foyer.example.edu:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_the_base_url_is_written_as_browsers_write_it(
    tmp_path: Path, written: str, used: str
) -> None:
    assert load(tmp_path, FOYER_BASE_URL=written).base_url == used


def test_a_folder_of_ones_own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "foyer").mkdir()
    (tmp_path / "foyer" / "foyer.toml").write_text("proxy_hops = 3\n", encoding="utf-8")
    config = Config.load({"FOYER_CONFIG_DIR": "~/foyer", "FOYER_DEVELOPMENT": "1"})
    assert config.proxy_hops == 3
    assert config.config_dir == tmp_path / "foyer"


def test_hosts_as_a_list_or_with_commas(tmp_path: Path) -> None:
    assert load(tmp_path, 'private_hosts = ["LMS.local", "b"]').private_hosts == ("lms.local", "b")
    assert load(tmp_path, FOYER_PRIVATE_HOSTS="a.local, B.local,").private_hosts == (
        "a.local",
        "b.local",
    )


def test_former_addresses_are_origins(tmp_path: Path) -> None:
    toml = 'former_base_urls = ["https://Old.example.edu/", "http://older.example.edu:80"]'
    assert load(tmp_path, toml).former_base_urls == (
        "https://old.example.edu",
        "http://older.example.edu",
    )
    assert "former_base_urls" in complaint(tmp_path, 'former_base_urls = ["old.example.edu"]')


def test_hosts_past_the_proxy_as_its_usual_variable_names_them(tmp_path: Path) -> None:
    """A star or a dot before a domain; both mean what the domain alone means here."""
    named = load(tmp_path, FOYER_NO_PROXY="localhost, .Campus.edu,*.school.edu,10.0.0.7").no_proxy
    assert named == ("localhost", "campus.edu", "school.edu", "10.0.0.7")
    for unfit in ("*", "10.0.0.0/8", "lms.edu:8080", "https://lms.edu", "a.*.edu"):
        assert "no_proxy" in complaint(tmp_path, f'no_proxy = ["{unfit}"]')
    assert "private_hosts" in complaint(tmp_path, 'private_hosts = ["*.campus.edu"]')


def test_an_empty_variable_means_the_default_where_that_is_empty(tmp_path: Path) -> None:
    config = load(tmp_path, FOYER_SECRET_KEY="", FOYER_ACCEL_LOCATION=" ")
    assert config.secret_key == ""
    assert config.accel_location == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOYER_BASE_URL", ""),
        ("FOYER_BASE_URL", "foyer.example.edu"),
        ("FOYER_BASE_URL", "ftp://foyer.example.edu"),
        ("FOYER_BASE_URL", "https://foyer.example.edu/tool"),
        ("FOYER_BASE_URL", "https://foyer.example.edu?x=1"),
        ("FOYER_BASE_URL", "https://user:word@foyer.example.edu"),
        ("FOYER_BASE_URL", "https://@foyer.example.edu"),
        ("FOYER_BASE_URL", "https://foyer.example.edu:eighty"),
        ("FOYER_BASE_URL", "https://foyer.example.edu:99999"),
        ("FOYER_BASE_URL", "https://foyer.example.edu:"),
        ("FOYER_BASE_URL", "https://foyer example.edu"),
        ("FOYER_BASE_URL", "https://foyer.example.edu;x"),
        ("FOYER_BASE_URL", "https://*.example.edu"),
        ("FOYER_BASE_URL", "https://münchen.example"),
        ("FOYER_BASE_URL", "https://[::1"),
        ("FOYER_BASE_URL", "https://:8000"),
        ("FOYER_CONFIG_DIR", " "),
        ("FOYER_DATABASE_URL", "mysql://db/foyer"),
        ("FOYER_DATABASE_URL", "sqlite://"),
        ("FOYER_DATABASE_URL", "sqlite:///var/lib/foyer/foyer.sqlite3"),
        ("FOYER_DATABASE_URL", "sqlite:///:memory:"),
        ("FOYER_KEYS_DIR", "~nobody-here/keys"),
        ("FOYER_DATABASE_URL", "postgresql://foyer@db:many/foyer"),
        ("FOYER_REDIS_URL", "localhost:6379"),
        ("FOYER_REDIS_URL", "unix:///run/redis.sock"),
        ("FOYER_REDIS_URL", "redis://127.0.0.1:many/0"),
        ("FOYER_REDIS_URL", "redis+unix:///run/redis.sock?db=x"),
        ("FOYER_ACCEL_LOCATION", "_media"),
        ("FOYER_PRIVATE_HOSTS", "https://lms.example.edu"),
        ("FOYER_PRIVATE_HOSTS", "lms.example.edu, lms.example.edu:8443"),
        ("FOYER_PRIVATE_HOSTS", "*.example.edu"),
        ("FOYER_STORAGE_URL", "s3://bucket"),
        ("FOYER_STORAGE_URL", "file:///var/files#1"),
        ("FOYER_PROXY_HOPS", "many"),
        ("FOYER_PROXY_HOPS", "-1"),
        ("FOYER_PROXY_HOPS", "6"),
        ("FOYER_DEVELOPMENT", "perhaps"),
        ("FOYER_UPLOAD_LIMIT_MB", "0"),
        ("FOYER_UPLOAD_LIMIT_MB", "1.5"),
        ("FOYER_LOG_LEVEL", "LOUD"),
        ("FOYER_LOG_LEVEL", " "),
        ("FOYER_SECRET_KEY", "too short to sign with"),
    ],
)
def test_a_wrong_value_is_named_with_its_meaning(tmp_path: Path, name: str, value: str) -> None:
    said = complaint(tmp_path, **{name: value})
    assert name in said
    assert "(" in said


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    toml = 'proxy_hops = "many"\nbase_ulr = "https://foyer.example.edu"\nprivate_hosts = 7\n'
    said = complaint(tmp_path, toml, FOYER_DATABASE_URL="mysql://x", FOYER_BASE_URL="x")
    for part in (
        "foyer.toml: proxy_hops",
        "base_ulr: is not a setting",
        "foyer.toml: private_hosts",
        "FOYER_DATABASE_URL",
        "FOYER_BASE_URL",
    ):
        assert part in said


def test_a_value_of_a_wrong_type_in_the_file(tmp_path: Path) -> None:
    assert "base_url" in complaint(tmp_path, "base_url = 7")
    assert "private_hosts" in complaint(tmp_path, "private_hosts = [1]")


@pytest.mark.parametrize(
    "address",
    [
        "memory://",
        "redis://127.0.0.1:6379/0",
        "rediss://user:p%40ss@cache.example.edu",
        "redis+unix:///run/redis/redis.sock",
    ],
)
def test_redis_addresses(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, FOYER_REDIS_URL=address).redis_url == address


@pytest.mark.parametrize("begin", ["redis", "rediss", "redi", "postgresql", "postgres", "mysql"])
@pytest.mark.parametrize("rest", ["u:Geheimnis@db:many/0", "u:Geheim/nis@db:5432/0", "Geheimnis"])
def test_a_password_in_an_address_is_not_repeated(tmp_path: Path, begin: str, rest: str) -> None:
    address = f"{begin}://{rest}"
    said = complaint(
        tmp_path, "proxy_hops = 9", FOYER_REDIS_URL=address, FOYER_DATABASE_URL=address
    )
    assert "Geheim" not in said
    assert "many" not in said


def test_a_secret_is_not_repeated_in_a_complaint(tmp_path: Path) -> None:
    for secret in ("abc-secret-abc", "abc-secret-abc" * 3):
        said = complaint(tmp_path, "base_url = 7", FOYER_SECRET_KEY=secret)
        assert "abc-secret-abc" not in said


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('base-url = "x"', "base_url"),
        ('Base_URL = "x"', "base_url"),
        ("FOYER_PROXY_HOPS = 1", "proxy_hops"),
        ('databse_url = "x"', "database_url"),
        ("upload_limit = 1", "upload_limit_mb"),
    ],
)
def test_a_near_miss_in_the_file_is_named(tmp_path: Path, written: str, meant: str) -> None:
    name = written.split()[0]
    assert f"{name}: is not a setting; did you mean {meant}?" in complaint(tmp_path, written)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("FOYER_DATABASE_URI", "FOYER_DATABASE_URL"),
        ("FOYER_PROXYHOPS", "FOYER_PROXY_HOPS"),
        ("FOYER_CONFIGDIR", "FOYER_CONFIG_DIR"),
        ("FOYER_HTTPS_PROXY", "FOYER_HTTP_PROXY"),
    ],
)
def test_a_mistyped_variable_is_not_passed_over(tmp_path: Path, variable: str, meant: str) -> None:
    assert f"{variable}: did you mean {meant}?" in complaint(tmp_path, **{variable: "1"})


def test_variables_of_other_programs_are_passed_over(tmp_path: Path) -> None:
    load(tmp_path, FOYER_PORT="8001", FOYER_CI_BASE="main", FOYER_SMTP_URL="smtp://x")


def test_the_file_may_begin_with_the_mark_that_windows_writes(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffproxy_hops = 3\n").proxy_hops == 3


def test_a_file_of_settings_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "foyer.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"foyer\.toml: "):
        Config.load({"FOYER_CONFIG_DIR": str(tmp_path), "FOYER_DEVELOPMENT": "1"})


def test_whoever_has_set_nothing_reads_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Config.load({"FOYER_CONFIG_DIR": str(tmp_path)})
    assert f"FOYER_BASE_URL, which is set neither there nor in {tmp_path}/foyer.toml: must" in str(
        caught.value
    )
    assert "neither" not in complaint(
        tmp_path, 'base_url = "http://foyer.example.edu"', FOYER_DEVELOPMENT="0"
    )


def test_a_folder_is_the_same_wherever_a_command_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(tmp_path, 'keys_dir = "var/keys"')
    assert config.keys_dir == ROOT / "var" / "keys"


def test_broken_toml_is_told_with_its_place(tmp_path: Path) -> None:
    assert "line 1" in complaint(tmp_path, "base_url = https://x")


def test_plain_http_is_for_development_only(tmp_path: Path) -> None:
    said = complaint(tmp_path, FOYER_DEVELOPMENT="0", FOYER_BASE_URL="http://foyer.example.edu")
    assert "https://" in said
    assert "FOYER_DEVELOPMENT" in said
    assert "FOYER_BASE_URL" in complaint(tmp_path, FOYER_DEVELOPMENT="0")
    config = load(tmp_path, FOYER_DEVELOPMENT="0", FOYER_BASE_URL="https://foyer.example.edu")
    assert config.development is False


@pytest.mark.parametrize(
    ("toml", "environment", "several"),
    [
        ("", {"FOYER_DEVELOPMENT": "1"}, True),
        ("", {"FOYER_DEVELOPMENT": "0"}, False),
        ("several_people = false\n", {"FOYER_DEVELOPMENT": "1"}, False),
        ("several_people = true\n", {"FOYER_DEVELOPMENT": "0"}, True),
        ("several_people = true\n", {"FOYER_SEVERAL_PEOPLE": "0"}, False),
    ],
)
def test_several_people_of_one_browser_are_for_development(
    tmp_path: Path, toml: str, environment: dict[str, str], several: bool
) -> None:
    address = {"FOYER_BASE_URL": "https://foyer.example.edu"}
    assert load(tmp_path, toml, **address, **environment).several_people is several


def test_several_people_need_yes_or_no(tmp_path: Path) -> None:
    assert "FOYER_SEVERAL_PEOPLE" in complaint(tmp_path, FOYER_SEVERAL_PEOPLE="perhaps")
