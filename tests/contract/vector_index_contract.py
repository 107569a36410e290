"""What every `VectorIndex` must do."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from snapmode.errors import ConfigError, RejectedError
from snapmode.filters import Filter, parse_filter
from snapmode.ports import Vector, VectorIndex, VectorRow
from tests.contract.examples import DIM, UNITS, filters, many_units, product, row, rows
from tests.contract.vector_index_machine import VectorIndexMachine, ranked, same

Open = Callable[[str, str, int], VectorIndex]
"""(name of the store, model, dim)"""
BAD = {
    "short": np.array([1, 0, 0], np.float32),
    "long": np.array([1, 0, 0, 0, 0], np.float32),
    "matrix": np.eye(DIM, dtype=np.float32)[:1],
    "nan": np.array([1, np.nan, 0, 0], np.float32),
    "infinite": np.array([np.inf, 0, 0, 0], np.float32),
}
NOT_UNIT = {
    "zero": np.zeros(DIM, np.float32),
    "double": 2 * UNITS[0],
    "a little long": 1.002 * UNITS[0],
}
ODD = ('"', "'", "\\", "a\n\tb", "\x1f", "北京 ä", "] or 1 == 1", "%_*", "{}")


class VectorIndexContract:
    examples = 25
    """Random examples per test: fewer for a slow engine."""

    @pytest.fixture
    def open_index(self) -> Open:
        """Opens the store of a name, empty at first; may be called again once closed."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, open_index: Open) -> VectorIndex:
        return open_index("one", "model", DIM)

    def histories(self) -> settings:
        return settings(
            max_examples=self.examples,
            stateful_step_count=15,
        )

    # ------------------------------------------------------------ writing

    def test_an_empty_index_answers(self, index: VectorIndex) -> None:
        found = index.search(UNITS[0], 5)
        assert found.hits == []
        assert found.scanned == 0
        assert found.index_time.tzinfo is not None
        assert index.search(UNITS[0], 5, parse_filter({"brand": "Acme"})).hits == []
        assert index.count() == 0
        assert index.rows(["p0"], ["aa"]) == list(index.scan()) == []
        index.upsert([])
        index.delete([])
        index.delete(["unknown"])

    def test_gives_back_what_was_written(self, index: VectorIndex) -> None:
        owner = product("p1", brand='Ä"cme', price="9.99", sizes=("M", "S"))
        written = row("r1", UNITS[5], 2**62, owner, picture="bb")
        index.upsert([written, row("r2", UNITS[1])])
        index.flush()
        assert same(index.rows(products=["p1"])[0], written)
        assert same(index.rows(pictures=["bb", "unknown"])[0], written)
        assert [found.id for found in index.rows(["p1"], ["aa"])] == ["r1", "r2"]
        assert index.rows() == []

    def test_a_writer_sees_its_own_rows_at_once(self, index: VectorIndex) -> None:
        for version in range(1, 21):
            index.upsert([row("r1", UNITS[1], version, picture=f"picture {version}")])
            # By picture first: who has waited for one read sees as much in the next.
            for found in (index.rows(pictures=[f"picture {version}"]), index.rows(["p0"])):
                assert [one.version for one in found] == [version]
            index.delete(["r1"])
            assert index.rows(pictures=[f"picture {version}"]) == []

    @pytest.mark.parametrize("text", ODD, ids=ascii)
    def test_any_text_may_be_an_id(self, index: VectorIndex, text: str) -> None:
        index.upsert([row("r1"), row(text, UNITS[1], of=product(text), picture=text)])
        index.flush()
        for found in (index.rows([text]), index.rows(pictures=[text])):
            assert [(one.id, one.product_id, one.picture) for one in found] == [(text,) * 3]
        assert index.search(UNITS[1], 1).hits[0].id == text
        index.upsert([row(text, UNITS[2], 2)])
        index.delete(["nothing", text])
        index.flush()
        assert [one.id for one in index.scan()] == ["r1"]

    def test_upsert_again_changes_nothing(self, index: VectorIndex) -> None:
        for _ in range(3):
            index.upsert([row("r1", UNITS[0]), row("r2", UNITS[1])])
            index.flush()
        assert index.count() == 2
        assert [hit.id for hit in index.search(UNITS[0], 10).hits] == ["r1", "r2"]

    def test_an_older_version_never_wins(self, index: VectorIndex) -> None:
        index.upsert([row("r1", UNITS[0], version=5)])
        index.upsert([row("r1", UNITS[1], version=4), row("r2", UNITS[2])])
        index.flush()
        assert {found.id: found.version for found in index.scan()} == {"r1": 5, "r2": 1}
        assert index.search(UNITS[0], 1).hits[0].score == 1.0
        index.upsert([row("r1", UNITS[1], version=5)])
        index.flush()
        assert index.search(UNITS[1], 1).hits[0].id == "r1"
        assert index.search(UNITS[0], 1).hits[0].score == 0.0

    def test_new_attributes_need_no_new_vector(self, index: VectorIndex) -> None:
        for version, price in enumerate(("10", "20")):
            owner = product("p1", brand="Acme", price=price, sizes=(price,))
            index.upsert([row("r1", UNITS[0], version, owner)])
            index.flush()
        assert index.count(parse_filter({"price": {"lt": 15}})) == 0
        assert index.count(parse_filter({"sizes": "10"})) == 0
        dear = parse_filter({"price": 20, "sizes": "20", "brand": "Acme"})
        assert [hit.score for hit in index.search(UNITS[0], 2, dear).hits] == [1.0]

    def test_deleted_rows_are_gone_and_may_come_back(self, index: VectorIndex) -> None:
        index.upsert([row("r1", UNITS[0], 9), row("r2", UNITS[1])])
        index.delete(["r1", "unknown"])
        index.flush()
        assert [hit.id for hit in index.search(UNITS[0], 10).hits] == ["r2"]
        assert index.count() == 1
        index.upsert([row("r1", UNITS[0], 1)])
        index.flush()
        assert [found.version for found in index.scan()] == [1, 1]

    @pytest.mark.parametrize("vector", [*BAD.values(), *NOT_UNIT.values()], ids=[*BAD, *NOT_UNIT])
    def test_a_bad_vector_is_refused_with_its_batch(
        self, index: VectorIndex, vector: Vector
    ) -> None:
        with pytest.raises(RejectedError, match="r2"):
            index.upsert([row("r1"), row("r2", vector), row("r3")])
        index.flush()
        assert index.count() == 0

    # ------------------------------------------------------------ searching

    @pytest.mark.parametrize("query", BAD.values(), ids=BAD)
    def test_a_bad_query_is_refused(self, index: VectorIndex, query: Vector) -> None:
        index.upsert([row("r1")])
        with pytest.raises(RejectedError):
            index.search(query, 1)

    def test_a_query_need_not_be_a_unit(self, index: VectorIndex) -> None:
        index.upsert([row("r1", UNITS[0]), row("r2", UNITS[-1]), row("r3", -UNITS[0])])
        index.flush()
        long = np.array([10, 2, 2, 2], np.float32)
        hits = index.search(long, 3).hits
        assert [(hit.id, hit.score) for hit in hits] == [("r1", 10.0), ("r2", 8.0), ("r3", -10.0)]
        nothing = index.search(np.zeros(DIM, np.float32), 2).hits
        assert [(hit.id, hit.score) for hit in nothing] == [("r1", 0.0), ("r2", 0.0)]

    def test_order_and_ties_agree_with_the_slow_definition(self, open_index: Open) -> None:
        number = iter(range(10_000))

        @settings(self.histories())
        @given(
            kept=st.lists(rows, max_size=40),
            asked=st.lists(
                st.tuples(st.sampled_from(UNITS), st.integers(1, 45), st.none() | filters),
                min_size=1,
                max_size=6,
            ),
        )
        def agrees(kept: list[VectorRow], asked: list[tuple[Vector, int, Filter | None]]) -> None:
            kept = [
                row(f"r{n:02}", item.vector, 1, picture=item.picture, attributes_=item.attributes)
                for n, item in enumerate(kept)
            ]
            index = open_index(f"agrees{next(number)}", "model", DIM)
            index.upsert(kept[::-1])
            index.flush()
            for query, k, wanted in asked:
                hits = index.search(query, k, wanted).hits
                assert [(hit.score, hit.id) for hit in hits] == ranked(kept, query, wanted)[:k]
            index.close()

        agrees()

    def test_random_vectors_come_in_the_order_of_their_scores(self, open_index: Open) -> None:
        index, vectors = open_index("wide", "model", 96), many_units(700, 96)
        owners = [product("p0", price=str(n)) for n in range(700)]
        index.upsert([row(f"r{n:03}", vectors[n], of=owners[n]) for n in range(700)])
        index.flush()
        cheap = parse_filter({"price": {"lt": 40}})
        most = parse_filter({"price": {"gte": 40}})
        for query in many_units(5, 96, seed=1):
            scores = vectors.astype(np.float64) @ query
            for wanted, allowed in (
                (None, range(700)),
                (cheap, range(40)),
                (most, range(40, 700)),
            ):
                best = sorted(allowed, key=lambda n: -scores[n])[:50]
                hits = index.search(query, 50, wanted).hits
                assert [hit.id for hit in hits] == [f"r{n:03}" for n in best[: len(hits)]]
                assert len(hits) == min(50, len(allowed))
                assert np.allclose([hit.score for hit in hits], scores[best[:50]], atol=1e-5)

    @pytest.mark.parametrize("k", [1, 7, 60, 200])
    def test_equal_vectors_come_by_id(self, open_index: Open, k: int) -> None:
        index = open_index("ties", "model", 65)
        same_vector, *others = many_units(201, 65)
        tied = [row(f"t{n:03}", same_vector) for n in range(97)]
        other = [row(f"o{n:03}", vector) for n, vector in enumerate(others)]
        order = np.random.default_rng(2).permutation(297)
        index.upsert([[*tied, *other][n] for n in order])
        index.flush()
        hits = index.search(same_vector, k).hits
        assert [hit.id for hit in hits][:97] == [f"t{n:03}" for n in range(97)][:k]
        assert len({hit.score for hit in hits[:97]}) == 1
        assert len(hits) == k

    def test_k_hits_whenever_k_match(self, index: VectorIndex) -> None:
        near = [row(f"n{n:03}", UNITS[0], of=product("p0", brand="Near")) for n in range(300)]
        far = [row(f"f{n}", UNITS[1], of=product("p1", brand="Far")) for n in range(3)]
        index.upsert([*near, *far])
        index.flush()
        only_far = parse_filter({"brand": "Far"})
        assert [hit.id for hit in index.search(UNITS[0], 3, only_far).hits] == ["f0", "f1", "f2"]
        assert len(index.search(UNITS[0], 1000).hits) == 303
        assert len(index.search(UNITS[0], 301).hits) == 301
        assert index.search(UNITS[0], 0).hits == []

    def test_says_how_it_searched(self, index: VectorIndex) -> None:
        before = datetime.now(UTC)
        index.upsert([row("r1"), row("r2")])
        index.flush()
        found = index.search(UNITS[0], 1)
        assert found.exact
        assert found.mode == "exact"
        assert found.scanned == 2
        assert before - timedelta(seconds=5) <= found.index_time <= datetime.now(UTC)

    # ------------------------------------------------------------ life

    def test_another_model_is_refused(self, open_index: Open) -> None:
        index = open_index("one", "first-model", DIM)
        index.upsert([row()])
        index.close()
        with pytest.raises(ConfigError, match=r"(?s)first-model.*second-model.*--data"):
            open_index("one", "second-model", DIM).count()
        with pytest.raises(ConfigError, match="dim"):
            open_index("one", "first-model", DIM + 1).count()
        assert open_index("one", "first-model", DIM).count() == 1

    def test_what_was_written_outlives_close(self, open_index: Open) -> None:
        index = open_index("one", "model", DIM)
        index.upsert([row("r1", UNITS[3])])
        index.close()
        index.close()
        reopened = open_index("one", "model", DIM)
        assert [hit.id for hit in reopened.search(UNITS[3], 2).hits] == ["r1"]

    def test_threads_may_share_an_instance(self, index: VectorIndex) -> None:
        """Readers never see half a batch, and no write is lost."""
        seen: list[int] = []
        problems: list[BaseException] = []

        def write(name: str) -> None:
            for n in range(6):
                index.upsert([row(f"{name}{n}{part}", UNITS[part]) for part in range(5)])

        def read() -> None:
            for _ in range(12):
                found = index.search(UNITS[0], 1000)
                seen.append(len(found.hits))

        def guarded(work: Callable[[], None]) -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 -- shown by the main thread
                problems.append(error)

        jobs = [lambda: write("a"), lambda: write("b"), read, read]
        threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        index.flush()
        assert problems == []
        assert index.count() == 60
        assert all(count % 5 == 0 for count in seen)

    def test_any_history_ends_as_in_a_dictionary(self, open_index: Open) -> None:
        number = iter(range(10_000))

        class Machine(VectorIndexMachine):
            def __init__(self) -> None:
                name = f"history{next(number)}"
                super().__init__(lambda: open_index(name, "model", DIM))

        run_state_machine_as_test(Machine, settings=self.histories())
