from collections.abc import Iterator

import pytest

from snapmode.children import Children
from snapmode.errors import ConfigError, SnapModeError


@pytest.fixture
def running() -> Iterator[Children]:
    started = Children()
    yield started
    started.stop()


def test_a_child_that_ends_is_noticed_while_another_is_run(running: Children) -> None:
    running.start("serve", "--port", "no number")
    with pytest.raises(SnapModeError, match="snapmode serve ended with exit code 2"):
        running.run("demo-shop", "--port", "0", "--products", "1")  # it would run for ever


def test_a_child_that_was_told_something_wrong_is_a_wrong_setting(running: Children) -> None:
    with pytest.raises(ConfigError, match="snapmode crawl failed with exit code 2"):
        running.run("crawl", "no address")
    running.wait_for_any(0.01)  # what was run to its end is not waited for
