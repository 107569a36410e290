"""What every `Catalog` must do."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from snapmode.errors import RejectedError
from snapmode.filters import Filter, matches, parse_filter
from snapmode.items import Breadcrumb, Product, Removal, Variant, attributes
from snapmode.ports import Catalog
from tests.contract.catalog_machine import CatalogMachine
from tests.contract.examples import filters, product, products

Open = Callable[[str], Catalog]
WORDS = ("rouge", "käse", "платье", "t-shirt", "42", "北京")
given_products = st.lists(products, max_size=15)


class CatalogContract:
    examples = 25
    """Random examples per test: fewer for a slow engine."""

    @pytest.fixture
    def open_catalog(self) -> Open:
        """Opens the catalog of a name, empty the first time; may be called again for the same."""
        raise NotImplementedError

    @pytest.fixture
    def catalog(self, open_catalog: Open) -> Catalog:
        return open_catalog("one")

    @pytest.fixture
    def fresh(self, open_catalog: Open) -> Callable[[Sequence[Product]], Catalog]:
        """Opens one more catalog that holds these products."""
        number = iter(range(10_000))

        def make(kept: Sequence[Product]) -> Catalog:
            catalog = open_catalog(f"fresh{next(number)}")
            catalog.upsert(kept)
            catalog.flush()
            return catalog

        return make

    # ------------------------------------------------------------ documents

    def test_an_empty_catalog_answers(self, catalog: Catalog) -> None:
        assert catalog.count() == 0
        assert catalog.get(["p0"]) == []
        assert catalog.versions(["p0"]) == {}
        assert catalog.search("red").products == catalog.search().products == []
        assert catalog.facets(["brand", "sizes"]) == {"brand": [], "sizes": []}
        assert list(catalog.scan()) == []
        assert catalog.upsert([]) == catalog.delete([]) == []

    def test_gives_back_all_fields_in_the_asked_order(self, catalog: Catalog) -> None:
        whole = product(
            "p1",
            2**62,
            name='Käsekleid "北京" 👗\n& <b>',
            price="10.10",
            sizes=("M", "S"),
            breadcrumbs=(Breadcrumb(name="Women", url="http://x/"),),
            variants=(Variant(size="M", price="9.90", currency="EUR"),),
            images=[{"url": "http://x/1.jpg", "key": "ab" * 32}, {"url": "http://x/2.jpg"}],
            provenance={"name": "json-ld"},
        )
        other = product("p2")
        assert catalog.upsert([whole, other]) == ["p1", "p2"]
        catalog.flush()
        assert catalog.get(["p2", "unknown", "p1"]) == [other, whole]
        assert list(catalog.scan()) == [whole, other]

    def test_upsert_again_changes_nothing(self, catalog: Catalog) -> None:
        for _ in range(2):
            assert catalog.upsert([product("p1", brand="Acme", sizes=("M",))]) == ["p1"]
            catalog.flush()
        assert catalog.count() == catalog.search("Acme").total == 1
        assert catalog.facets(["brand", "sizes"]) == {"brand": [("Acme", 1)], "sizes": [("M", 1)]}

    def test_an_older_version_never_wins(self, catalog: Catalog) -> None:
        assert catalog.upsert([product("p1", 5, name="new")]) == ["p1"]
        assert catalog.upsert([product("p1", 4, name="old"), product("p2", 1)]) == ["p2"]
        assert catalog.delete([Removal(id="p1", version=4)]) == []
        catalog.flush()
        assert [found.name for found in catalog.get(["p1"])] == ["new"]
        assert catalog.upsert([product("p1", 5, name="equal")]) == ["p1"]
        catalog.flush()
        assert [found.name for found in catalog.get(["p1"])] == ["equal"]

    def test_of_one_id_in_a_batch_the_newest_stays(self, catalog: Catalog) -> None:
        batch = [product("p1", 1, name="a"), product("p1", 3, name="c"), product("p1", 2, name="b")]
        assert set(catalog.upsert(batch)) == {"p1"}
        catalog.flush()
        assert [found.name for found in catalog.get(["p1"])] == ["c"]
        assert catalog.count() == catalog.search("c").total == 1

    def test_a_tombstone_keeps_its_version(self, catalog: Catalog) -> None:
        catalog.upsert([product("p1", 5, brand="Acme")])
        removals = [Removal(id="p1", version=6), Removal(id="never seen", version=7)]
        assert catalog.delete(removals) == ["p1", "never seen"]
        catalog.flush()
        assert catalog.versions(["p1", "never seen", "unknown"]) == {"p1": 6, "never seen": 7}
        assert catalog.upsert([product("p1", 5), product("never seen", 6)]) == []
        catalog.flush()
        assert catalog.get(["p1"]) == list(catalog.scan()) == []
        assert catalog.count() == catalog.search("Acme").total == 0
        assert catalog.facets(["brand"]) == {"brand": []}
        assert catalog.upsert([product("p1", 6)]) == ["p1"]
        catalog.flush()
        assert catalog.count() == 1

    # ------------------------------------------------------------ search

    def test_filters_agree_with_the_slow_definition(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        @settings(
            max_examples=self.examples,
        )
        @given(kept=given_products, asked=st.lists(filters, min_size=1, max_size=8))
        def agrees(kept: list[Product], asked: list[Filter]) -> None:
            kept = list({item.id: item for item in kept}.values())
            catalog = fresh(kept)
            for wanted in asked:
                expected = [p for p in kept if matches(attributes(p), wanted)]
                expected.sort(key=lambda item: item.id)
                assert catalog.count(wanted) == len(expected)
                assert catalog.search(filter=wanted, limit=100).products == expected
                sizes = Counter(size for p in expected for size in set(p.sizes))
                brands = Counter(p.brand for p in expected if p.brand is not None)
                assert catalog.facets(["sizes", "brand"], filter=wanted) == {
                    "sizes": sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])),
                    "brand": sorted(brands.items(), key=lambda pair: (-pair[1], pair[0])),
                }

        agrees()

    def test_text_finds_products_that_hold_every_word(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        some_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)

        @settings(
            max_examples=self.examples,
        )
        @given(
            texts=st.lists(st.tuples(some_words, some_words), max_size=8),
            asked=st.lists(some_words, min_size=1, max_size=5),
        )
        def agrees(texts: list[tuple[list[str], list[str]]], asked: list[list[str]]) -> None:
            kept = [
                product(f"p{n}", name=" ".join(name), description=" ".join(more).upper())
                for n, (name, more) in enumerate(texts)
            ]
            catalog = fresh(kept)
            for words in asked:
                expected = {
                    f"p{n}" for n, (name, more) in enumerate(texts) if set(words) <= {*name, *more}
                }
                found = catalog.search(" ".join(words), limit=100)
                assert {item.id for item in found.products} == expected
                assert found.total == len(expected)

        agrees()

    def test_any_text_is_taken_as_words(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        catalog = fresh([product("p1", name="red AND blue")])

        @settings(max_examples=4 * self.examples)
        @given(
            text=st.text(max_size=20) | st.from_regex(r'(red|AND|OR|NOT|NEAR|["*():^+-]| ){1,9}')
        )
        def answers(text: str) -> None:
            assert catalog.search(text).total in (0, 1)
            assert catalog.facets(["brand"], text) == {"brand": []}

        answers()
        assert catalog.search('red" AND "blue').total == 1
        assert catalog.search("red AND").total == 1
        assert catalog.search("red NOT blue").total == 0
        assert catalog.search("name:red").total == 0
        assert catalog.search("???").total == 1, "no word is no condition"

    def test_case_and_accents_make_no_difference(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        catalog = fresh([product("p1", name="Käsekleid ROT"), product("p2", name="Ärmel")])
        for text in ("käsekleid", "KASEKLEID", "rot kasekleid", "Käsekleid"):
            assert [item.id for item in catalog.search(text).products] == ["p1"]

    def test_a_word_in_the_name_counts_most(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        filler = [product(f"x{n}") for n in range(20)]
        catalog = fresh(
            [
                product("a", name="Some shirt", description="with denim"),
                product("b", name="Denim shirt", description="with cotton"),
                *filler,
            ]
        )
        assert [item.id for item in catalog.search("denim").products] == ["b", "a"]

    def test_pages_join_without_gap(self, fresh: Callable[[Sequence[Product]], Catalog]) -> None:
        catalog = fresh([product(f"p{n:02}", name="shirt") for n in reversed(range(25))])
        for text in ("", "shirt"):
            pages = [catalog.search(text, limit=10, offset=start) for start in (0, 10, 20, 30)]
            assert [len(page.products) for page in pages] == [10, 10, 5, 0]
            assert {page.total for page in pages} == {25}
            ids = [item.id for page in pages for item in page.products]
            assert ids == [f"p{n:02}" for n in range(25)], "equally good products come by id"

    def test_facets_are_of_what_was_found(
        self, fresh: Callable[[Sequence[Product]], Catalog]
    ) -> None:
        catalog = fresh(
            [
                product("p1", name="shirt", brand="Acme", color="red", sizes=("S", "M")),
                product("p2", name="shirt", brand="Acme", color="blue", sizes=("M", "M")),
                product("p3", name="hat", brand="Bolt", color="red"),
            ]
        )
        assert catalog.facets(["brand", "sizes"], "shirt") == {
            "brand": [("Acme", 2)],
            "sizes": [("M", 2), ("S", 1)],
        }
        assert catalog.facets(["brand"], filter=parse_filter({"color": "red"})) == {
            "brand": [("Acme", 1), ("Bolt", 1)]
        }
        assert catalog.facets(["color"], limit=1) == {"color": [("red", 2)]}

    @pytest.mark.parametrize("field", ["name", "price", "nothing", "images", 'brand"'])
    def test_a_field_without_facet_is_refused(self, catalog: Catalog, field: str) -> None:
        with pytest.raises(RejectedError, match="facet"):
            catalog.facets([field])

    # ------------------------------------------------------------ life

    def test_another_instance_sees_what_was_flushed(self, open_catalog: Open) -> None:
        reader, writer = open_catalog("one"), open_catalog("one")
        assert reader.count() == 0
        writer.upsert([product("p1")])
        writer.flush()
        assert reader.count() == 1
        writer.close()
        writer.close()
        assert open_catalog("one").versions(["p1"]) == {"p1": 1}

    def test_any_history_ends_as_in_a_dictionary(self, open_catalog: Open) -> None:
        number = iter(range(10_000))

        class Machine(CatalogMachine):
            def __init__(self) -> None:
                super().__init__(lambda: open_catalog(f"history{next(number)}"))

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=self.examples,
                stateful_step_count=20,
            ),
        )
