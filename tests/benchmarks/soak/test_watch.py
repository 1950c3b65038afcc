"""A process is seen from outside: its sockets and connections, open ones and none that the kernel only remembers."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from benchmarks.soak.watch import connections, gauge, sockets

TABLE = """  sl  local_address rem_address   st tx_queue
   0: 0100007F:1F90 00000000:0000 0A 0
   1: 0100007F:1F90 0100007F:C001 01 0
   2: 0100007F:1F90 0100007F:C002 08 0
   3: 0100007F:1F90 0100007F:C003 06 0
   4: 0100007F:C001 0100007F:1F90 01 0
   5: 0100007F:1F91 0100007F:C004 01 0
"""


def test_open_and_half_closed_connections_count_listening_and_past_ones_do_not(tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(TABLE)
    assert connections(0x1F90, 0x1F91, 7, table=str(tmp_path / "tcp")) == [2, 1, 0]


def test_a_real_connection_is_seen_while_it_is_open() -> None:
    before = sockets(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert connections(port) == [0]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            assert connections(port) == [1]
            assert sockets(os.getpid()) == before + 3
    assert sockets(os.getpid()) == before


def test_a_process_that_is_gone_has_no_sockets() -> None:
    assert sockets(2**22 + 1) == 0


@pytest.mark.parametrize(
    ("said", "value"),
    [("# TYPE sluice_x gauge\nsluice_x 3\n", 3.0), ("sluice_xy 3\n", None), ("", None), ("sluice_x 0\n", 0.0)],
)
def test_a_gauge_is_read_by_its_whole_name(said: str, value: float | None) -> None:
    assert gauge(said, "sluice_x") == value
