"""The desk works in threads; this brings what it says to the event loop, statement by statement."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from typing import TypeVar

from bot.answer import Answer, Statement

AT_ONCE = 2
"""Questions answered at once without a model: each takes a core for 50 ms, and 8 threads made the
event loop wait 3 to 7 times as long as 2 do (`tests/benchmarks/load.py`)."""
AT_ONCE_WITH_MODEL = 16
"""With a model, which is mostly waited for."""
WAITING = 200
"""Questions that may wait for their turn; more are turned away."""

Part = Statement | Answer
T = TypeVar("T")


class Busy(Exception):
    """Too many questions wait already, or the bot is about to stop."""


class Answering:
    def __init__(self, *, with_model: bool) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE_WITH_MODEL if with_model else AT_ONCE, "ibid-answer")
        self._under_way: set[asyncio.Task[object]] = set()
        self._closing = False

    @property
    def count(self) -> int:
        """Questions that are being answered or wait for their turn."""
        return len(self._under_way)

    @property
    def closing(self) -> bool:
        return self._closing

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places. Raises Busy."""
        if self._closing or len(self._under_way) >= WAITING:
            raise Busy
        task = asyncio.current_task()
        assert task
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)

    async def stream(self, ask: Callable[[], Generator[Part]]) -> AsyncGenerator[Part]:
        """What `ask` yields, asked in a thread of its own. Raises what it raises.

        Where nobody waits any more it is closed after its next part.
        """
        loop = asyncio.get_running_loop()
        parts: asyncio.Queue[Part | None] = asyncio.Queue()
        left = threading.Event()

        def work() -> None:
            if left.is_set():
                return
            with closing(ask()) as asked:
                for part in asked:
                    if left.is_set():
                        return
                    loop.call_soon_threadsafe(parts.put_nowait, part)

        working = loop.run_in_executor(self._pool, work)
        working.add_done_callback(lambda _: parts.put_nowait(None))
        try:
            while (part := await parts.get()) is not None:
                yield part
            await working
        finally:
            left.set()
            if working.done() and not working.cancelled():
                working.exception()  # it was raised above, or nobody waits for it any more

    async def call(self, work: Callable[[], T]) -> T:
        """What `work` returns, worked out in one of the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def drain(self, patience: float) -> None:
        """Turn new questions away, wait for those under way, and after `patience` seconds give up."""
        self._closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)

    async def close(self) -> None:
        """Wait for the threads, which end soon where the desks were told to abandon their models."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
