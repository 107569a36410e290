from embedder.evaluation.sources import READERS, Layout


def test_every_layout_has_a_reader() -> None:
    assert set(READERS) == set(Layout)
    assert len(set(READERS.values())) == len(READERS)
