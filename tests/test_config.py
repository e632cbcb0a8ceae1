"""Settings: read from the environment, every mistake in one sentence, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellness.config import KNOWN, Settings, read_settings
from wellness.errors import Misconfigured


def test_without_settings_the_site_is_in_the_folder_instance_on_this_machine() -> None:
    settings = read_settings({})
    assert settings.home == Path("instance").resolve()
    assert (settings.host, settings.port, settings.address) == ("127.0.0.1", 8000, "http://127.0.0.1:8000/")
    assert settings.records_url == f"sqlite:///{settings.home / 'records.db'}"
    assert (settings.plain_http, settings.proxies) == (False, 0)
    assert settings.trusted_hosts == ("127.0.0.1", "localhost", "[::1]", "::1")


def test_empty_settings_are_as_if_they_were_not_there() -> None:
    assert read_settings(dict.fromkeys(KNOWN, "")) == read_settings({})


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "WELLNESS_HOME": str(tmp_path),
            "WELLNESS_HOST": "::1",
            "WELLNESS_PORT": "80",
            "WELLNESS_PLAIN_HTTP": "1",
            "WELLNESS_TRUSTED_HOSTS": "a.org, b.org,,",
            "WELLNESS_PROXIES": "2",
            "RECORDS_URL": "postgresql+psycopg://h/d",
            "RATE_LIMIT_URL": "redis://h",
            "SECRET_KEY": "k" * 32,
            "MEDIA_URL": "https://media.a.org/school/",
            "WELLNESS_ACCEL": "/accel/media/",
            "WELLNESS_MEDIA_MINUTES": "20",
            "WELLNESS_EPOLL": "1",
        }
    )
    assert settings == Settings(
        home=tmp_path,
        host="::1",
        port=80,
        records_url="postgresql+psycopg://h/d",
        rate_limit_url="redis://h",
        media_url="https://media.a.org/school",
        accel="/accel/media",
        plain_http=True,
        trusted_hosts=("a.org", "b.org"),
        proxies=2,
        media_minutes=20,
        secret_key="k" * 32,
        epoll=True,
    )
    assert settings.address == "http://[::1]:80/"
    assert {settings.library.parent, settings.catalogue.parent, settings.secret_key_file.parent} == {tmp_path}


def test_a_home_may_begin_with_the_users_own() -> None:
    assert read_settings({"WELLNESS_HOME": "~/school"}).home == Path.home() / "school"


MISTAKES = [
    ("WELLNESS_PORT", "http", "WELLNESS_PORT must be a number from 1 to 65535."),
    ("WELLNESS_PORT", "0", "must be a number from 1 to 65535."),
    ("WELLNESS_PORT", "65536", "must be a number from 1 to 65535."),
    ("WELLNESS_PORT", "-1", "must be a number from 1 to 65535."),
    ("WELLNESS_PORT", "9" * 5000, "must be a number from 1 to 65535."),
    ("WELLNESS_PROXIES", "many", "WELLNESS_PROXIES must be the number of proxies"),
    ("WELLNESS_PROXIES", "6", "from 0 to 5."),
    ("WELLNESS_PROXIES", "9" * 5000, "from 0 to 5."),
    ("WELLNESS_PLAIN_HTTP", "yes", "WELLNESS_PLAIN_HTTP must be 1"),
    ("RECORDS_URL", "records.db", "RECORDS_URL must start with sqlite:///"),
    ("RECORDS_URL", "mysql://h/d", "RECORDS_URL must start with sqlite:///"),
    ("SECRET_KEY", "k" * 31, "SECRET_KEY needs 32 characters or more"),
    ("SECRET_KEY", "four quiet words that are here now", "SECRET_KEY needs 32 characters or more, no spaces"),
    ("RATE_LIMIT_URL", "h:6379", "RATE_LIMIT_URL must be memory:// or start with redis://"),
    ("MEDIA_URL", "http://media.a.org", "MEDIA_URL must start with https://"),
    ("MEDIA_URL", "https://a.org/x?y", "no query."),
    ("MEDIA_URL", "https://a.org'; script-src *", "MEDIA_URL must start with https://"),
    ("WELLNESS_EPOLL", "yes", "WELLNESS_EPOLL must be 1"),
    ("WELLNESS_ACCEL", "accel", "WELLNESS_ACCEL must be the internal location"),
    ("WELLNESS_MEDIA_MINUTES", "0", "from 1 to 240 minutes."),
    ("WELLNESS_MEDIA_MINUTES", "long", "from 1 to 240 minutes."),
    ("WELLNESS_HOME", "~no-such-account/school", "WELLNESS_HOME must be a folder."),
    ("WELLNESS_TRUSTED_HOSTS", "https://a.org/", "WELLNESS_TRUSTED_HOSTS is a list of host names"),
    ("WELLNESS_TRUSTED_HOSTS", " , ", "WELLNESS_TRUSTED_HOSTS is a list of host names"),
    ("MEDIA_PUBLIC_URL", "https://cdn.a.org", "it needs MEDIA_URL=s3://bucket/prefix."),
    ("WELLNESS_PROT", "80", "WELLNESS_PROT isn't a setting. The settings are: WELLNESS_HOME, "),
]


@pytest.mark.parametrize(("name", "value", "says"), MISTAKES)
def test_a_mistake_is_said_in_one_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_settings({name: value})
    assert says in refused.value.message
    assert refused.value.message.endswith(".")


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(Misconfigured) as refused:
        read_settings({"WELLNESS_PORT": "x", "WELLNESS_PROXIES": "x", "WELLNESS_PLAIN_HTTP": "x", "RECORDS_URL": "x"})
    for name in ("WELLNESS_PORT", "WELLNESS_PROXIES", "WELLNESS_PLAIN_HTTP", "RECORDS_URL"):
        assert name in refused.value.message


def test_other_variables_of_the_environment_are_left_in_peace() -> None:
    assert read_settings({"PATH": "/bin", "PORT": "x", "HOME_WELLNESS": "x"}) == read_settings({})


def test_without_a_secret_key_the_way_to_one_is_said(tmp_path: Path) -> None:
    settings = read_settings({"WELLNESS_HOME": str(tmp_path)})
    with pytest.raises(Misconfigured, match="Run `wellness init`"):
        settings.read_secret_key()


@pytest.mark.parametrize("key", [b"", b"brief", b"\xff" * 60], ids=["empty", "brief", "not text"])
def test_a_secret_key_that_is_none_is_refused_and_not_shown(tmp_path: Path, key: bytes) -> None:
    settings = read_settings({"WELLNESS_HOME": str(tmp_path)})
    settings.secret_key_file.write_bytes(key)
    with pytest.raises(Misconfigured) as refused:
        settings.read_secret_key()
    assert "wellness init" in refused.value.message
    assert "brief" not in refused.value.message


def test_the_key_of_all_nodes_goes_before_the_instances_own(tmp_path: Path) -> None:
    settings = read_settings({"WELLNESS_HOME": str(tmp_path), "SECRET_KEY": "k" * 40})
    settings.secret_key_file.write_text("x" * 40)
    assert settings.read_secret_key() == "k" * 40


def test_no_secret_is_shown_where_settings_are() -> None:
    url = "postgresql+psycopg://me:s3cret@h/d"
    settings = read_settings({"SECRET_KEY": "s3cret" * 6, "RECORDS_URL": url, "RATE_LIMIT_URL": "redis://:s3cret@h"})
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize("name", ["SECRET_KEY", "RECORDS_URL", "RATE_LIMIT_URL"])
def test_a_mistake_in_a_secret_does_not_show_it(name: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_settings({name: "s3cret"})
    assert "s3cret" not in refused.value.message
