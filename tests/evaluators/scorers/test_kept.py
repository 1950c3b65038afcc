from evaluators.scorers.kept import KeptInMemory, KeptOnDisk


def test_memory_stays_flat_and_what_is_used_stays():
    kept = KeptInMemory(most=2)
    kept.put("a", "1")
    kept.put("b", "2")
    assert kept.get("a") == "1"
    kept.put("c", "3")
    assert [kept.get(key) for key in "abc"] == ["1", None, "3"]


def test_what_is_on_disk_is_there_for_the_next_run(tmp_path):
    path = tmp_path / "folder" / "judged.sqlite"
    KeptOnDisk(path).put("a", "答")
    assert KeptOnDisk(path).get("a") == "答"
    assert KeptOnDisk(path).get("b") is None
