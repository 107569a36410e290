"""What a bolt holds: batches in order, and every message once."""

import threading

from topologies.storm.inbox import Held, Inbox


def names(batch: list[Held[str]]) -> str:
    return "".join(held.id for held in batch)


def filled(messages: str, batch: int = 3, patience: float = 0.0) -> Inbox[str]:
    inbox: Inbox[str] = Inbox(batch, patience)
    for place, message in enumerate(messages):
        inbox.put(message, message.upper(), place)
    return inbox


def test_a_batch_is_what_is_there_in_order_up_to_its_size() -> None:
    inbox = filled("abcde")
    assert [names(inbox.take()), names(inbox.take())] == ["abc", "de"]


def test_a_message_held_already_is_not_done_twice() -> None:
    inbox = filled("aba")
    assert names(inbox.take()) == "ab"
    inbox.put("b", "B", 3)
    assert inbox.release("a") == [0, 2]
    assert inbox.release("b") == [1, 3]


def test_a_message_sent_again_after_its_release_is_new() -> None:
    inbox = filled("a")
    inbox.take()
    inbox.release("a")
    inbox.put("a", "A", 9)
    assert [(held.id, held.parcel, held.tuples) for held in inbox.take()] == [("a", "A", [9])]


def test_suspects_are_taken_alone_in_their_place() -> None:
    inbox = filled("abcdef")
    assert [names(inbox.take(alone={"b", "c"})) for _ in range(4)] == ["a", "b", "c", "def"]


def test_an_empty_inbox_blocks_until_something_comes() -> None:
    inbox: Inbox[str] = Inbox(3, 0.0)
    taken: list[str] = []
    reader = threading.Thread(target=lambda: taken.append(names(inbox.take())))
    reader.start()
    inbox.put("a", "A", 0)
    reader.join()
    assert taken == ["a"]


def test_a_batch_that_fills_up_waits_no_longer() -> None:
    inbox = filled("ab", patience=3600)
    taken: list[str] = []
    reader = threading.Thread(target=lambda: taken.append(names(inbox.take())))
    reader.start()
    inbox.put("c", "C", 2)
    reader.join()
    assert taken == ["abc"]


def test_a_pause_of_the_input_ends_the_wait() -> None:
    assert names(filled("ab", patience=0.05).take()) == "ab"
