from benchmarks.embeddings.speed import BATCH, Cost, costs_of


def test_a_batch_is_shared_by_its_pictures() -> None:
    taken = {("a", "whole"): 3.0, ("a", "network"): 2.0, ("a", "batched"): 8.0, ("b", "whole"): 1.0}
    assert costs_of(taken) == {"a": Cost(3, 2, 8 / BATCH), "b": Cost(1)}
