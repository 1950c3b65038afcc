"""Writes records off the request's path, so that none is lost or doubled while a store misbehaves.

An exchange reserves room first (``admit``), then hands its record over (``append``); one thread
writes batches. What was handed over is kept until the store has it. A failed batch is tried again
at once (its connection may only have been stale), then after growing pauses; meanwhile the writer is
``failing`` and admits nothing, and it recovers by itself, for the failed batch is its own probe.
At the end, what the store would not take goes to the spool, and comes back at the next start.
Records of the last ``linger`` seconds are lost if the process is killed without notice.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

from anyio import to_thread

from gateway.errors import RecordError, RecordRefused
from gateway.exchange import Record
from gateway.ports import Counters, Ticker
from gateway.stores.spool import Spool
from gateway.telemetry import names

log = logging.getLogger("sluice.records")

_GRACE: Final = 1.0
"""Seconds that the thread gets to put its batch in the spool, once time is up."""


class Store(Protocol):
    """What the writer needs of a store. Used by one thread at a time."""

    def open(self) -> None:
        """Make ready; raises ``SettingsError`` or ``RecordError``."""
        ...

    def write(self, records: Sequence[Record]) -> None:
        """Write all or none; a record that is there already stays. Raises ``RecordError``, ``RecordRefused``."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class RecordWriter:
    """Implements the port ``Records``. Its async methods may be called where cancellation is shielded.

    Args:
        store: Where records go; the writer opens and closes it.
        ticker: For the deadline of ``close``.
        counters: Counts what happened.
        spool: Where records go that the store will not take at the end; None for nowhere.
        capacity: How many records may be admitted and not yet settled.
        batch: How many records one transaction writes at most.
        pauses: Seconds between tries: the first, and the longest to which it doubles.
        linger: Seconds that a batch waits for company: a busy gateway writes few and full batches.
    """

    def __init__(
        self,
        store: Store,
        *,
        ticker: Ticker,
        counters: Counters,
        spool: Spool | None = None,
        capacity: int = 10_000,
        batch: int = 1000,
        pauses: tuple[float, float] = (0.1, 5.0),
        linger: float = 0.25,
    ) -> None:
        self._store, self._ticker, self._counters, self._spool = store, ticker, counters, spool
        self._capacity, self._size, self._pauses, self._linger = capacity, batch, pauses, linger
        self._queue: deque[Record] = deque()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = True
        self.failing = False
        # Counted by the callers' side only, so without a lock.
        self._admitted = 0
        self._appended = 0
        # Under the lock of ``_progress``: what the thread has in its hands and what is settled.
        self._progress = threading.Condition()
        self._pending: Sequence[Record] = ()
        self._settled = 0
        self._abandoned = False

    @property
    def waiting(self) -> int:
        """How many records are admitted but not settled: neither in the store nor spooled nor lost."""
        return self._admitted - self._settled

    def open(self) -> None:
        """Open the store and begin, once; raises ``SettingsError`` or ``RecordError`` if it cannot be opened."""
        self._store.open()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sluice-records", daemon=True)
        self._thread.start()

    def admit(self, *, anyway: bool = False) -> bool:
        """Reserve room for one record; False if there is none, the store is failing, or this is closed.

        With ``anyway`` a failing store is no reason: what waits is written once it works again.
        """
        if (self.failing and not anyway) or self._closed or self._admitted - self._settled >= self._capacity:
            return False
        self._admitted += 1
        return True

    def release(self) -> None:
        """Give back an admission that was not used."""
        self._admitted -= 1

    def offer(self, record: Record) -> bool:
        """Hand over one record at once; its room was reserved. False if this is closed: then ``append`` it."""
        if self._closed:
            return False
        self._hand_over(record)
        return True

    async def append(self, record: Record) -> None:
        """Hand over one record; its room was reserved. Returns before it is written."""
        self._hand_over(record)
        if self._closed:
            # An exchange that outlived the writer: whoever takes it from the queue first spools it.
            await to_thread.run_sync(self._spool_queue)

    def _hand_over(self, record: Record) -> None:
        self._appended += 1
        self._queue.append(record)
        if not self._wake.is_set():
            self._wake.set()

    async def drain(self, seconds: float) -> bool:
        """Wait until everything appended so far is settled; False if that takes longer than ``seconds``."""
        return await to_thread.run_sync(self._wait, self._appended, seconds)

    async def close(self, seconds: float = 10.0) -> None:
        """Write what is left, then close the store; what that does not take in ``seconds`` is spooled.

        Nothing is admitted after that; what is appended even later goes to the spool.
        """
        await to_thread.run_sync(self._close, seconds)

    # --- the callers' side, in threads of their own -------------------------------------------------

    def _wait(self, until: int, seconds: float) -> bool:
        with self._progress:
            return self._progress.wait_for(lambda: self._settled >= until, seconds)

    def _close(self, seconds: float) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        deadline = self._ticker() + seconds
        # A store that is away for a moment may come back: the spool may be a disk that goes with us.
        self._wait(self._appended, seconds)
        self._stopping.set()
        self._wake.set()
        thread.join(max(0.0, deadline - self._ticker()) + _GRACE)
        self._closed = True
        with self._progress:
            self._abandoned = thread.is_alive()
            held = self._pending if self._abandoned else ()
        if held:
            # The store hangs with this batch. Should it finish after all, the spool's copy does not
            # double it, for stores take a record once.
            log.error("the record store does not answer: its last batch goes to the spool")
            self._set_aside(held)
            self._settle(len(held))
        self._spool_queue()

    def _spool_queue(self) -> None:
        while batch := self._pop():
            self._set_aside(batch)
            self._settle(len(batch))

    def _settle(self, records: int) -> None:
        with self._progress:
            self._settled += records
            self._progress.notify_all()

    def _pop(self) -> list[Record]:
        """Take a batch from the queue; whoever takes a record is the only one to have it."""
        batch: list[Record] = []
        try:
            while len(batch) < self._size:
                batch.append(self._queue.popleft())
        except IndexError:
            pass
        return batch

    # --- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._replay()
            self._work()
        finally:
            self._store.close()

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._stopping.wait(self._linger)
            # From here on an append wakes us again; what came before is in the queue.
            self._wake.clear()
            stopping = self._stopping.is_set()
            while batch := self._take():
                left = self._write(batch, names.RECORDS_WRITTEN)
                if left and not self._abandoned:
                    self._set_aside(left)
                if not self._done(len(batch)):
                    return
                if left:
                    self._spool_queue()
            if stopping:
                return

    def _take(self) -> list[Record]:
        with self._progress:
            batch = [] if self._abandoned else self._pop()
            self._pending = batch
            return batch

    def _done(self, records: int) -> bool:
        """Note that the batch in hand is settled; False if it was taken out of our hands."""
        with self._progress:
            if self._abandoned:
                return False
            self._pending = ()
            self._settled += records
            self._progress.notify_all()
            return True

    def _replay(self) -> None:
        """Bring back what earlier processes set aside."""
        if self._spool is None:
            return
        for file in self._spool.files():
            try:
                records = self._spool.read(file)
            except RecordError as error:
                log.error("%s", error)
                continue
            if records and self._write(records, names.RECORDS_REPLAYED):
                return  # told to stop; the file stays for the next start
            self._spool.forget(file)

    def _write(self, batch: Sequence[Record], counter: str) -> Sequence[Record]:
        """Write a batch, however often it takes; return what is left if we are told to stop before that."""
        pause, longest = self._pauses
        tries = 0
        while True:
            try:
                self._store.write(batch)
            except RecordRefused as error:
                return self._sort_out(batch, counter, error)
            except Exception as error:  # whatever it is, the records stay in our hands
                tries += 1
                self._counters.add(names.RECORDS_RETRIED, len(batch))
                if tries == 1:
                    continue
                self._fail(error)
                if self._stopping.wait(pause):
                    return batch
                pause = min(pause * 2, longest)
            else:
                self._recover()
                self._counters.add(counter, len(batch))
                return ()

    def _sort_out(self, batch: Sequence[Record], counter: str, error: RecordRefused) -> Sequence[Record]:
        """Write one by one, so that a record which the store will never take does not hold up the others."""
        if len(batch) == 1:
            self._recover()  # the store does answer
            log.error("the record of exchange %s cannot be stored: %s", batch[0].id, error)
            self._set_aside(batch, refused=True)
            return ()
        for at, record in enumerate(batch):
            if self._write([record], counter):
                return batch[at:]
        return ()

    def _fail(self, error: Exception) -> None:
        if not self.failing:
            self.failing = True
            # Only our own errors are known to hold no text (law 6).
            reason = str(error) if isinstance(error, RecordError) else type(error).__name__
            log.error("records cannot be written, trying until they can: %s", reason)

    def _recover(self) -> None:
        if self.failing:
            self.failing = False
            log.warning("records are written again")

    def _set_aside(self, records: Sequence[Record], *, refused: bool = False) -> None:
        """Put records in the spool; where that is impossible, say which are lost."""
        reason = "there is no spool"
        if self._spool is not None:
            try:
                (self._spool.refuse if refused else self._spool.put)(records)
            except RecordError as error:
                reason = str(error)
            else:
                self._counters.add(names.RECORDS_SPOOLED, len(records))
                return
        self._counters.add(names.RECORDS_LOST, len(records))
        log.critical("%d records are lost (%s): %s", len(records), reason, " ".join(r.id for r in records))
