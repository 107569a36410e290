import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapmode.errors import ConfigError
from topologies.jar import build_jar, worker_environment


def test_a_jar_holds_the_settings_as_they_are_and_nothing_else(config: Path) -> None:
    config.write_text("# a comment\n" + config.read_text())
    with zipfile.ZipFile(io.BytesIO(build_jar(config))) as jar:
        assert jar.namelist() == ["resources/settings.toml"]
        assert jar.read("resources/settings.toml") == config.read_bytes()


@pytest.mark.parametrize("key", ["secret", "key", "api_token", "kafka_password"])
def test_a_secret_among_the_settings_is_refused_by_name(config: Path, key: str) -> None:
    config.write_text(config.read_text().replace("[embedder]", f'[embedder]\n{key} = "hush"'))
    with pytest.raises(
        ConfigError, match=rf"\[embedder\] {key} .* SNAPMODE_EMBEDDER__{key.upper()}"
    ) as e:
        build_jar(config)
    assert "hush" not in str(e.value)


def test_secrets_stay_here_and_are_named() -> None:
    sent, withheld = worker_environment(
        {
            "SNAPMODE_LOG__SERVERS": "a:9092",
            "SNAPMODE_IMAGES__SECRET": "hush",
            "SNAPMODE_IMAGES__KEY": "hush",
            "HOME": "/home/me",
        }
    )
    assert sent == {"SNAPMODE_LOG__SERVERS": "a:9092"}
    assert withheld == ["SNAPMODE_IMAGES__KEY", "SNAPMODE_IMAGES__SECRET"]


def test_names_of_this_machines_files_stay_here() -> None:
    here = {"SNAPMODE_CONFIG": "x.toml", "SNAPMODE_DATA_FOLDER": "/srv", "SNAPMODE_DATA": "/data"}
    assert worker_environment(here) == ({}, [])


@given(
    st.dictionaries(
        st.builds(
            lambda *parts: "SNAPMODE_" + "__".join(parts),
            st.sampled_from(["LOG", "IMAGES", "TOKENS"]),
            st.text("ABKEYPST_", min_size=1),
        ),
        st.text(),
    )
)
def test_every_setting_is_either_sent_or_named(environ: dict[str, str]) -> None:
    sent, withheld = worker_environment(environ)
    assert sorted([*sent, *withheld]) == sorted(environ)
    assert not any("KEY" in name or "TOKEN" in name for name in sent)
