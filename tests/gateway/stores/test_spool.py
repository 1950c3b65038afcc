from __future__ import annotations

import stat
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kit.records import FULL, plain, plains

from gateway.errors import RecordError
from gateway.stores.spool import Spool


def test_what_is_put_in_comes_out_and_is_forgotten(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "deep" / "spool")
    assert spool.files() == []
    spool.put([FULL, *plains(2)])
    (file,) = spool.files()
    assert spool.read(file) == [FULL, *plains(2)]
    spool.forget(file)
    assert spool.files() == []
    spool.forget(file)


def test_the_same_batch_put_in_twice_is_one_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(spool.put, [plains(50)] * 16))
    (file,) = spool.files()
    assert spool.read(file) == plains(50)
    assert list(tmp_path.iterdir()) == [file]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put(plains(1))
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE(spool.files()[0].stat().st_mode) == 0o600


def test_refused_records_are_kept_but_not_replayed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.refuse(plains(1))
    assert spool.files() == []
    (file,) = tmp_path.iterdir()
    assert spool.read(file) == plains(1)


def test_text_that_utf_8_cannot_carry_is_mended(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put([plain(1, user="半 \ud800", stages={"screen": 0.5}, usage=FULL.usage, request=FULL.request)])
    (record,) = spool.read(spool.files()[0])
    assert record == plain(1, user="半 ?", stages={"screen": 0.5}, usage=FULL.usage, request=FULL.request)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "no JSON", '{"id": "1"}', "[1, 2]", "null", "\0"],
    ids=["empty line", "empty object", "list", "words", "one field", "numbers", "null", "nul"],
)
def test_a_file_that_is_not_what_was_written_is_renamed_and_not_lost(tmp_path: Path, text: str) -> None:
    spool = Spool(tmp_path)
    spool.put(plains(2))
    (file,) = spool.files()
    content = file.read_text() + text + "\n"
    file.write_text(content)
    with pytest.raises(RecordError, match=r"renamed to end in \.broken"):
        spool.read(file)
    assert spool.files() == []
    assert file.with_suffix(".broken").read_text() == content


def test_a_file_that_another_worker_has_replayed_is_empty(tmp_path: Path) -> None:
    assert Spool(tmp_path).read(tmp_path / "gone.jsonl") == []


def test_a_file_that_cannot_be_read_is_an_error_that_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(RecordError, match=r"cannot read .*: EISDIR"):
        Spool(tmp_path).read(tmp_path / "folder.jsonl")


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from gateway.errors import RecordError
    from gateway.stores.spool import Spool
    from kit.records import plains

    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    spool = Spool(Path({spool!r}))
    try:
        spool.put(plains(50))
    except RecordError as error:
        print(error)
    print(list(Path({spool!r}).iterdir()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    spool.put(plains(50))
    print(len(spool.read(spool.files()[0])))
"""


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    code = FULL_DISK.format(tests=str(Path(__file__).parents[2]), spool=str(tmp_path))
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.splitlines() == [f"cannot write to the spool {tmp_path}: EFBIG", "[]", "50"]
