"""Recipes are checked; what is wrong is named."""

from pathlib import Path

import pytest

from embedder.model_file import MODELS
from embedder.training.recipe import find_recipe, load_recipe
from snapmode.errors import ConfigError

SMALL = """
[model]
name = "small"
network = "lite"
licence = "Apache-2.0"

[[data.sources]]
kind = "manifest"
name = "shop"
manifest = "shop/manifest.csv"
domain = "shop"
labels = { identity = ["sku"] }

[[sampler]]
by = "identity"
p = 2
k = 2

[losses.form]
kind = "triplet"
label = "identity"

[train]
steps = 10
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in SMALL
    file = folder / "small.toml"
    file.write_text(SMALL.replace(old, new, 1) if old else SMALL)
    return file


RECIPES = sorted([*MODELS.glob("*.toml"), *MODELS.glob("ablations/*.toml")])


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_the_recipes_that_come_with_the_program_are_sound(file: Path) -> None:
    recipe = load_recipe(file)
    assert recipe.model.name == file.stem.partition("-")[0]
    assert find_recipe(file.stem if file.parent == MODELS else str(file)) == file


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "small"', 'name = "Small!"', "model.name"),
        ("steps = 10", "steps = 0", "train.steps"),
        ("steps = 10", "stepz = 10", "train.step"),
        ('kind = "triplet"', 'kind = "tripled"', "losses.form.kind"),
        ("p = 2", 'p = 2\nsources = ["mall"]', "sampler.0.sources: 'mall' is none of"),
        ('label = "identity"', 'label = "identity"\nsources = ["mall"]', "losses.form.sources"),
        ('domain = "shop"', 'domain = "shop"\nkeep = { column = "sku" }', "either values or sha1"),
        ('kind = "manifest"', 'kind = "magic"', "data.sources.0"),
    ],
)
def test_a_wrong_key_is_named_with_file_and_table(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    file = written(tmp_path, old, new)
    with pytest.raises(ConfigError) as error:
        load_recipe(file)
    assert named in str(error.value)
    assert str(file) in str(error.value)


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    source = SMALL.partition("[[data.sources]]")[2].partition("[[sampler]]")[0]
    file = written(tmp_path, "[[sampler]]", f"[[data.sources]]{source}[[sampler]]")
    with pytest.raises(ConfigError, match="two sources have the same name"):
        load_recipe(file)


def test_tables_left_out_are_those_of_the_recipe_it_extends(tmp_path: Path) -> None:
    base = load_recipe(written(tmp_path))
    file = tmp_path / "longer.toml"
    file.write_text('extends = "small"\n[train]\nsteps = 20\n')
    longer = load_recipe(file)
    assert longer.train.steps == 20
    assert longer.losses == base.losses
    file.write_text('extends = "longer"\n')
    with pytest.raises(ConfigError, match="extends: itself"):
        load_recipe(file)


def test_a_recipe_may_do_without_a_table_of_the_one_it_extends(tmp_path: Path) -> None:
    base = load_recipe(written(tmp_path))
    name = next(iter(base.losses))
    file = tmp_path / "less.toml"
    file.write_text(f'extends = "small"\nwithout = ["losses.{name}"]\n')
    assert load_recipe(file).losses == {k: v for k, v in base.losses.items() if k != name}
    file.write_text('extends = "small"\nwithout = ["losses.none"]\n')
    with pytest.raises(ConfigError, match=r"without: the recipe it extends has no losses\.none"):
        load_recipe(file)
    file.write_text('without = ["losses.none"]\n')
    with pytest.raises(ConfigError, match="without: is for recipes that extend another"):
        load_recipe(file)


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'nothing': no such recipe; there is .*default"):
        find_recipe("nothing")
