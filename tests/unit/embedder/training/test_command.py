import pytest

from embedder.training.command import train
from snapmode.errors import ConfigError


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedder.networks.registry.find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install snapmode\[train\]"):
        train("dcgan")
