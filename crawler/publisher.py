"""Publishing, one call of the log at a time: what was waiting meanwhile goes together."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.engine import Engine
from snapmode.errors import RejectedError
from snapmode.ports import Log

Message = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages somebody waits for."""

    topic: str
    messages: list[Message]
    published: asyncio.Future[None]


class Publisher:
    """Messages reach a topic in the order they are handed over, and are repeated while it is away.

    A page costs two publishes, so several pages share the round trip (or the disk's) of one.
    """

    def __init__(self, log: Log, engine: Engine) -> None:
        self._log = log
        self._engine = engine
        self._waiting: deque[Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def publish(self, topic: str, messages: Iterable[Message]) -> None:
        """Return when all are durable; the errors are those of `Log.publish`."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(topic, list(messages), loop.create_future())
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._drain())
        await waiting.published

    async def _drain(self) -> None:
        while self._waiting:
            topic = self._waiting[0].topic
            batch = [one for one in self._waiting if one.topic == topic]
            self._waiting = deque(one for one in self._waiting if one.topic != topic)
            await self._together(batch)

    async def _together(self, batch: list[Waiting]) -> None:
        messages = [message for one in batch for message in one.messages]
        try:
            await self._engine.call(lambda: self._log.publish(batch[0].topic, messages))
        except RejectedError as error:
            if len(batch) == 1:
                _fail(batch, error)
            else:
                for one in batch:  # whose message it is, shows alone
                    await self._together([one])
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            _fail(batch, error)
        else:
            for one in batch:
                if not one.published.done():
                    one.published.set_result(None)


def _fail(batch: list[Waiting], error: Exception) -> None:
    for one in batch:
        if not one.published.done():
            one.published.set_exception(error)
