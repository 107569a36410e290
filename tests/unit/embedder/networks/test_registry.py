import pytest

from embedder.networks.registry import NETWORKS, network_class
from snapmode.errors import ConfigError


def test_an_unknown_network_lists_the_known() -> None:
    with pytest.raises(ConfigError, match=f"no such network; there is {', '.join(NETWORKS)}"):
        network_class("nothing")


def test_every_name_is_that_of_its_file() -> None:
    for name, path in NETWORKS.items():
        module, _, kind = path.partition(":")
        assert module == f"embedder.networks.{name}"
        assert kind == "".join(word.capitalize() for word in name.split("_"))
