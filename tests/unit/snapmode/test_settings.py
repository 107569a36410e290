from pathlib import Path

import pytest

from snapmode.errors import ConfigError
from snapmode.settings import DEFAULT_CONFIG, load_settings

GOOD = DEFAULT_CONFIG.read_text()


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text)
    return path


def test_the_default_needs_nothing() -> None:
    settings = load_settings(environ={})
    assert settings.file == DEFAULT_CONFIG
    assert settings.data == Path("var").absolute()
    assert settings.log.arguments["path"] == f"{settings.data}/log.sqlite"


def test_the_environment_overrides_a_key(tmp_path: Path) -> None:
    environ = {
        "SNAPMODE_API__PORT": "9000",
        "SNAPMODE_API__IMAGE_URL": "true",
        "SNAPMODE_API__HOST": "0.0.0.0",
        "SNAPMODE_DATA_FOLDER": str(tmp_path),
        "SNAPMODE_DATA": "/somewhere/else",
        "OTHER__KEY": "x",
    }
    settings = load_settings(environ=environ)
    assert (settings.api.port, settings.api.image_url) == (9000, True)
    assert settings.api.host == "0.0.0.0"
    assert settings.data == tmp_path


def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "a", environ={"SNAPMODE_DATA_FOLDER": "/b"})
    assert settings.data == tmp_path / "a"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[api\nport = 1", "not TOML"),
        (GOOD.replace("port = 8000", "port = 'x'"), r"api\.port"),
        (GOOD.replace("port = 8000", "prot = 8000"), r"api\.prot"),
        (GOOD.replace("batch = 16", "batch = 0"), r"ingest\.batch"),
        (GOOD + "\n[colour]\n", "colour"),
        (GOOD.replace("[vectors]", "[vector]"), "vector: Extra inputs"),
        ("[crawl]\ncolour = 1", r"crawl\.colour"),
        ("[krawl]\ndelay = 1", "krawl"),
        (GOOD.replace("topologies.sqlite_log:SqliteLog", "SqliteLog"), r"log\.adapter"),
    ],
)
def test_a_malformed_file_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    path = settings_file(tmp_path, text)
    with pytest.raises(ConfigError, match=rf"some\.toml: .*{says}"):
        load_settings(path, environ={})


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: can't be read: No such file"):
        load_settings(Path("nowhere.toml"), environ={})


def test_a_wrong_override_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^environment variable SNAPMODE_API__PROT: api\.prot"):
        load_settings(environ={"SNAPMODE_API__PROT": "1"})
    with pytest.raises(ConfigError, match="SNAPMODE_API__PORT__X: port is not a table"):
        load_settings(environ={"SNAPMODE_API__PORT__X": "1"})


def test_a_file_may_hold_only_what_differs(tmp_path: Path) -> None:
    settings = load_settings(settings_file(tmp_path, "[api]\nport = 9001\n"), environ={})
    assert settings.api.port == 9001
    assert settings.log.adapter == load_settings(environ={}).log.adapter


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--data .*some\.toml: not a folder"):
        load_settings(data=settings_file(tmp_path, ""), environ={})
