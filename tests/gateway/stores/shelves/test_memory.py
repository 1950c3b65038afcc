"""A shelf in memory holds so many entries and bytes, and forgets the oldest."""

from __future__ import annotations

from gateway.stores.shelves.memory import MemoryShelf


async def test_a_full_shelf_in_memory_forgets_the_oldest() -> None:
    shelf = MemoryShelf(lambda: 0.0, most=2)
    for name in "abc":
        await shelf.put(name, name.encode(), 60.0)
    assert [await shelf.get(name) for name in "abc"] == [None, b"b", b"c"]


async def test_bytes_are_counted_and_the_oldest_go_until_there_is_room() -> None:
    shelf = MemoryShelf(lambda: 0.0, most_bytes=10)
    for name, size in (("a", 4), ("b", 4), ("a", 5)):  # the second "a" takes the first one's place
        await shelf.put(name, bytes(size), 60.0)
    assert [len(await shelf.get(name) or b"") for name in "ab"] == [5, 4]
    await shelf.put("c", bytes(6), 60.0)
    assert [len(await shelf.get(name) or b"") for name in "abc"] == [0, 0, 6]  # "b" was put before the second "a"
    await shelf.put("d", bytes(11), 60.0)
    assert [await shelf.get(name) for name in "abcd"] == [None] * 4
    await shelf.put("e", bytes(10), 60.0)
    assert await shelf.get("e") == bytes(10)


async def test_what_is_over_is_gone_when_something_is_put_and_when_it_is_asked_for() -> None:
    now = [0.0]
    shelf = MemoryShelf(lambda: now[0])
    await shelf.put("a", b"x", 5.0)
    await shelf.put("b", b"y", 9.0)
    now[0] = 5.0
    assert (await shelf.get("a"), list(shelf._kept)) == (None, ["b"])
    now[0] = 9.0
    await shelf.put("c", b"z", 20.0)
    assert (list(shelf._kept), shelf._bytes) == (["c"], 1)


async def test_a_shelf_that_is_closed_has_forgotten_everything() -> None:
    shelf = MemoryShelf(lambda: 0.0, most_bytes=10)
    await shelf.put("a", bytes(10), 60.0)
    await shelf.aclose()
    assert await shelf.get("a") is None
    await shelf.put("b", bytes(10), 60.0)
    assert await shelf.get("b") == bytes(10)
