from pathlib import Path

import pytest

from embedder.model_file import MODELS, find_model, load_model_file
from snapmode.errors import ConfigError
from tests.unit.embedder.conftest import Edit

ALL = "all = [0, 1280]"


def test_a_model_is_found_by_name_folder_or_file() -> None:
    by_name = find_model("lite0")
    assert by_name == MODELS / "lite0" / "model.toml"
    assert find_model(str(by_name.parent)) == find_model(str(by_name)) == by_name


@pytest.mark.parametrize("name", ["nothing", "", "lite0/model.onnx/x"])
def test_an_unknown_model_lists_the_known(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no such model; there is .*lite0"):
        find_model(name)


@pytest.mark.parametrize(
    "path", sorted(MODELS.glob("*/model.toml")), ids=lambda path: path.parent.name
)
def test_every_model_that_comes_along_is_small_and_has_a_card(path: Path) -> None:
    model = load_model_file(path)
    assert model.name == path.parent.name
    assert (path.parent / model.file).stat().st_size < 20_000_000
    card = (path.parent / "card.md").read_text()
    assert model.licence in card
    assert model.identity in card


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("dim = 1280", "dim = 0", "dim"),
        ("dim = 1280\n", "", "dim"),
        ("dim = 1280", "dim = 1280\ncolour = 1", "colour"),
        ('layout = "NCHW"', 'layout = "CHW"', "preprocessing.layout"),
        ('layout = "NCHW"', 'fit = "zoom"', "preprocessing.fit"),
        ("[figures]", '[output]\npooling = "max"\n[figures]', "output.pooling"),
        ("[figures]", "[output]\nnormalize = true\n[figures]", "output.normalize"),
        ("dim = 1280", 'dim = 1280\nprecision = "int4"', "precision"),
        ("size = 224", 'size = "large"', "preprocessing.size"),
        ("fill = [255, 255, 255]", "fill = [255, 255, 256]", "preprocessing.fill"),
        ('sha256 = "fc', 'sha256 = "FC', "sha256"),
        ('name = "lite0"', 'name = "Lite 0"', "name"),
        (ALL, "all = [0, 1279]", "parts"),
        (ALL, "shape = [0, 600]\ncolour = [601, 1280]", "parts"),
        (ALL, "shape = [0, 700]\ncolour = [600, 1280]", "parts"),
        (ALL, "nothing = [0, 0]\nall = [0, 1280]", "parts"),
        (ALL, "", "parts"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(edited: Edit, old: str, new: str, key: str) -> None:
    path = edited(old, new)
    with pytest.raises(ConfigError) as raised:
        load_model_file(path)
    assert str(path) in str(raised.value)
    assert key in str(raised.value)


def test_what_is_no_toml_is_refused(edited: Edit) -> None:
    with pytest.raises(ConfigError, match="not TOML"):
        load_model_file(edited("dim = 1280", "dim is 1280"))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('sha256 = "fc', 'sha256 = "00', True),  # another export
        ('file = "model.onnx"', 'file = "int8.onnx"', True),
        ('licence = "Apache-2.0"', 'licence = "MIT"', True),
        ("dim = 1280", 'dim = 1280\nprecision = "int8"', True),
        ('layout = "NCHW"', 'layout = "NCHW"\nfit = "letterbox"', True),
        ('version = "0.1.0"', 'version = "0.1.0"\nfile = "lite0.safetensors"', True),
        ('sha256 = "5793', 'sha256 = "0000', False),  # another checkpoint
        ("size = 224", "size = 192", False),
        ("fill = [255, 255, 255]", "fill = [0, 0, 0]", False),
        ('resample = "bicubic"', 'resample = "bilinear"', False),
        ('layout = "NCHW"', 'layout = "NHWC"', False),
        ('layout = "NCHW"', 'layout = "NCHW"\nfit = "crop"', False),
        ("[figures]", "[output]\nnormalise = true\n[figures]", False),
    ],
)
def test_the_identity_is_of_checkpoint_and_preprocessing(
    edited: Edit, old: str, new: str, same: bool
) -> None:
    known = load_model_file(find_model("lite0")).identity
    assert (load_model_file(edited(old, new)).identity == known) is same


def test_parts_are_slices_of_the_vector(edited: Edit) -> None:
    model = load_model_file(edited(ALL, "shape = [0, 600]\ncolour = [600, 1280]"))
    assert model.slices == {"shape": slice(0, 600), "colour": slice(600, 1280)}


def test_the_default_model_keeps_its_name() -> None:
    """Indexes are known by it: another name would mean embedding every picture again."""
    assert load_model_file(find_model("lite0")).identity == "lite0-2d9d84711af3"


def test_a_small_toml_is_enough(edited: Edit) -> None:
    """Bring your own: without parts, the vector is one; without a source, the file is."""
    text = (MODELS / "lite0" / "model.toml").read_text()
    path = edited("dim = 1280", "dim = 1280")
    source = text[text.index("[source]") : text.index("[preprocessing]")]
    path.write_text(text.replace("[parts]\nall = [0, 1280]\n", "").replace(source, ""))
    model = load_model_file(path)
    assert model.parts == {"all": (0, 1280)}
    assert model.source is None
    path.write_text(path.read_text().replace('sha256 = "fc', 'sha256 = "00'))
    assert load_model_file(path).identity != model.identity
