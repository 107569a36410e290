"""What every `ImageStore` must do."""

import hashlib
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapmode.ports import ImageStore

Open = Callable[[], ImageStore]
UNKNOWN = "0" * 64


class ImageStoreContract:
    @pytest.fixture
    def open_store(self) -> Open:
        """Opens the test's one store, empty the first time; may be called again."""
        raise NotImplementedError

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.binary(max_size=300))
    def test_gives_back_what_was_put(self, open_store: Open, data: bytes) -> None:
        key = open_store().put(data)
        assert key == hashlib.sha256(data).hexdigest()
        assert open_store().get(key) == data

    def test_the_same_bytes_are_kept_once(self, open_store: Open) -> None:
        store = open_store()
        assert store.put(b"one") == store.put(b"one")
        store.put(b"two")
        assert sorted(store.keys()) == sorted(
            hashlib.sha256(data).hexdigest() for data in (b"one", b"two")
        )

    def test_an_empty_store_answers(self, open_store: Open) -> None:
        store = open_store()
        assert list(store.keys()) == []
        assert not store.exists(UNKNOWN)
        store.delete(UNKNOWN)

    @pytest.mark.parametrize("key", [UNKNOWN, "", "nothing", "../../etc/passwd", "a/b", "ab" * 31])
    def test_an_unknown_key_is_a_key_error(self, open_store: Open, key: str) -> None:
        store = open_store()
        store.put(b"one")
        assert not store.exists(key)
        with pytest.raises(KeyError):
            store.get(key)
        with pytest.raises(KeyError):
            store.age(key)
        store.delete(key)
        assert len(list(store.keys())) == 1

    def test_deleted_is_gone(self, open_store: Open) -> None:
        store = open_store()
        key = store.put(b"one")
        store.delete(key)
        assert not store.exists(key)
        assert list(store.keys()) == []
        with pytest.raises(KeyError):
            store.get(key)
        assert store.put(b"one") == key
        assert store.get(key) == b"one"

    def test_age_is_in_seconds_since_it_was_put(self, open_store: Open) -> None:
        store = open_store()
        before = time.time()
        key = store.put(b"one")
        assert 0 <= store.age(key) <= time.time() - before + 2

    def test_another_instance_sees_it(self, open_store: Open) -> None:
        writer, reader = open_store(), open_store()
        key = writer.put(b"one")
        assert reader.exists(key)
        assert reader.get(key) == b"one"
