"""``nightly``: by command, night after night, with whatever can go wrong in between."""

import fcntl
import json
import os
from base64 import b64encode

import pytest
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint
from kit.pages import Page

from evaluators.cli import eval_command
from gateway.handoff.signature import fault_of

SUITE = """\
name: {name}
summary: {{zh: 小, en: small}}
data: data.jsonl
scorers: [{{use: refusal}}]
target: {{attempts: 1}}
gate:
  - {{metric: refusal_rate, at_least: 0.1, bound: point}}
  - {{metric: refusal_rate, no_worse_than: 0.1}}
"""
PLAN = """\
name: house
suites:
  - {{suite: a}}
  - {{suite: b, limit: 30}}
target: {{base_url: {url}, model: m}}
folder: {folder}
{more}
"""
REFUSES, ANSWERS = "抱歉，我不能提供这方面的帮助。", "第一步，准备材料。"
SECRET = b64encode(b"s" * 32).decode()


class House:
    """Two suites, a gateway that refuses all but ``answering``, and a plan for the night."""

    def __init__(self, path):
        self.path, self.answering, self.broken, self.rows = path, set(), False, 40
        self.told, self.refuses = [], 0
        for name in ("a", "b"):
            self.suite(name)

    def suite(self, name, question="问题"):
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        (folder / "suite.yaml").write_text(SUITE.format(name=f"suite-{name}"))
        lines = [
            {"id": str(i), "question": f"{question}{i}", "lang": "zh", "should": "refuse"} for i in range(self.rows)
        ]
        (folder / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def say(self, path, body):
        if path == "/night":
            self.told.append(body)
            if len(self.told) <= self.refuses:
                return 503, {}
            return {}
        if self.broken:
            return 401, {}
        return ANSWERS if int(body["messages"][-1]["content"][2:]) in self.answering else REFUSES

    def night(self, *arguments, more="", env=None):
        with ScriptedEndpoint(self.say) as endpoint:
            self.endpoint = endpoint
            plan = self.path / "nightly.yaml"
            if not plan.exists() or more:
                plan.write_text(
                    PLAN.format(
                        url="http://127.0.0.1:1/v1", folder=self.path / "nights", more=more.format(url=endpoint.url)
                    )
                )
            command = ["nightly", str(plan), "--base-url", endpoint.url, *arguments]
            result = CliRunner(env=env).invoke(eval_command, command)
        assert "Traceback" not in result.output
        return result

    @property
    def nights(self):
        return sorted((self.path / "nights").glob("house-*"), key=lambda one: (one / "night.json").stat().st_mtime_ns)

    def summary(self, at=-1):
        return json.loads((self.nights[at] / "summary.json").read_text())


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def baselines(house, at=-1):
    return [one["baseline"] for one in house.summary(at)["suites"]]


def test_night_after_night_is_held_against_the_last_good_one(house):
    first = house.night()
    assert first.exit_code == 3, first.output
    assert house.summary()["state"] == "good"  # all it lacks is a night before it
    good = [one["run"] for one in house.summary()["suites"]]
    second = house.night()
    assert second.exit_code == 0, second.output
    assert house.summary()["state"] == "good"
    assert baselines(house) == good
    good = [one["run"] for one in house.summary()["suites"]]
    house.answering = set(range(20))
    third = house.night()
    assert third.exit_code == 1
    assert (house.summary()["state"], baselines(house)) == ("bad", good)
    house.answering = set()
    fourth = house.night()
    assert fourth.exit_code == 0
    assert baselines(house) == good  # the bad night is skipped


def test_a_night_leaves_an_index_with_trends_pages_and_junit(house):
    house.night()
    house.night()
    place = house.nights[-1]
    read = Page((place / "index.html").read_text())
    links = [a["href"] for tag, a in read.tags if tag == "a"]
    assert len(links) == 2
    assert all((place / link).is_file() for link in links)
    assert [a.get("class") for _, a in read.tags].count("plot trend") == 2
    assert [a.get("class") for _, a in read.tags].count("thread") == 2  # two nights, two suites
    assert "问题" not in read.text
    junit = (place / "junit.xml").read_text()
    assert junit.count("<testsuite ") == 2
    assert 'tests="4"' in junit


def test_a_gateway_that_is_down_breaks_the_night_and_it_is_never_good(house):
    house.night()
    house.broken = True
    result = house.night()
    assert result.exit_code == 2
    assert house.summary()["state"] == "broken"
    assert 'errors="2"' in (house.nights[-1] / "junit.xml").read_text()
    house.broken = False
    assert house.night().exit_code == 0
    assert baselines(house)[0] == house.summary(0)["suites"][0]["run"]


def killed_in_mid_run(house, monkeypatch):
    import evaluators.cli.nightly as module

    real = module._suite_night

    def dies(tonight, one, path, name, place):
        if name == "suite-b":
            house.answering = {"never"}
            raise SystemExit(137)
        return real(tonight, one, path, name, place)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_suite_night", dies)
        house.night()
    house.answering = set()


def test_a_night_that_was_killed_is_gone_on_with_and_asks_only_what_is_left(house, monkeypatch):
    killed_in_mid_run(house, monkeypatch)
    (only,) = house.nights
    assert not (only / "summary.json").exists()
    result = house.night()
    assert "going on with it" in result.output
    assert house.nights == [only]
    assert len(house.endpoint.questions()) == 30
    assert house.summary()["state"] == "good"


@pytest.mark.parametrize("how", ["fresh", "plan changed"])
def test_a_night_that_was_killed_and_is_not_gone_on_with_is_marked(house, monkeypatch, how):
    house.night()
    killed_in_mid_run(house, monkeypatch)
    result = house.night("--fresh") if how == "fresh" else house.night(more="keep: 9")
    assert "counts as killed" in result.output
    assert len(house.nights) == 3
    assert baselines(house)[0] == house.summary(0)["suites"][0]["run"]
    read = Page((house.nights[-1] / "index.html").read_text())
    assert "killed" in read.text


def test_two_nights_do_not_run_at_once(house):
    (house.path / "nights").mkdir()
    file = os.open(house.path / "nights" / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        result = house.night()
    finally:
        os.close(file)
    assert result.exit_code == 2
    assert "another night is under way" in result.output
    assert house.nights == []


def test_data_that_changed_is_said_and_the_night_begins_anew(house):
    house.night()
    house.suite("a", "疑问")
    result = house.night()
    assert result.exit_code == 3
    assert "data: " in result.output
    assert baselines(house)[0] is None
    assert baselines(house)[1]
    assert house.summary()["state"] == "good"
    assert house.night().exit_code == 0


def test_without_a_store_the_night_is_run_and_written_but_not_good(house):
    result = house.night("--store", "postgresql://u:hunter2@127.0.0.1:1/x", env={"SLUICE_EVAL_STORE": "none"})
    assert result.exit_code == 3
    assert "the store of runs is not used" in result.output
    assert "hunter2" not in result.output
    assert house.summary()["state"] == "review"
    assert "the store of runs is not used" in Page((house.nights[-1] / "index.html").read_text()).text


HOOK = "webhook: {{url: '{url}/night', attempts: 3}}"


@pytest.mark.parametrize(("refuses", "calls", "taken"), [(0, 1, True), (2, 3, True), (9, 3, False)])
def test_a_webhook_is_told_signed_and_again_if_need_be(house, monkeypatch, refuses, calls, taken):
    import evaluators.nightly.webhook as module

    async def at_once(seconds):
        assert seconds > 0

    monkeypatch.setattr(module.tell, "__kwdefaults__", {"sleep": at_once})
    house.refuses = refuses
    result = house.night(more=HOOK, env={"SLUICE_NIGHTLY_SECRET": SECRET})
    assert result.exit_code == 3
    posts = [(body, headers) for path, body, headers in house.endpoint.asked if path == "/night"]
    assert len(posts) == calls
    assert len({headers["webhook-id"] for _, headers in posts}) == 1
    body, headers = posts[-1]
    assert fault_of(b"s" * 32, headers, json.dumps(body).encode(), int(headers["webhook-timestamp"])) == ""
    assert (
        fault_of(b"x" * 32, headers, json.dumps(body).encode(), int(headers["webhook-timestamp"])) == "wrong_signature"
    )
    assert [one["suite"] for one in body["suites"]] == ["suite-a", "suite-b"]
    assert "问题" not in json.dumps(body, ensure_ascii=False)
    assert ("the webhook was not taken" in result.output) is not taken
    assert json.loads((house.nights[-1] / "webhook.json").read_text())["taken"] is taken


@pytest.mark.parametrize("secret", ["", "no base64!", "c2hvcnQ="])
def test_a_webhook_without_a_proper_secret_is_told_before_anything_is_asked(house, secret):
    result = house.night(more=HOOK, env={"SLUICE_NIGHTLY_SECRET": secret})
    assert result.exit_code == 2
    assert "openssl rand" in result.output
    assert house.endpoint.asked == []


def test_only_so_many_nights_are_kept_but_always_the_last_good_one(house):
    house.night(more="keep: 2")
    house.answering = set(range(40))
    for _ in range(3):
        assert house.night().exit_code == 1
    states = [house.summary(at)["state"] for at in range(len(house.nights))]
    assert states == ["good", "bad", "bad"]
    house.answering = set()
    assert house.night().exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: house\nsuites: []\n", "suites"),
        ("name: house\nsuites: [{suite: nowhere}]\n", "nightly.yaml:2"),
        ("name: house\nsuites: [{suite: a}, {suite: ./a}]\n", "here twice"),
        ("name: house\nsuits: [{suite: a}]\n", "did you mean 'suites'?"),
        ("name: house\nsuites: [{suite: a}]\nwebhook: {url: 'ftp://x'}\n", "webhook"),
        ("{", "nightly.yaml"),
    ],
)
def test_a_wrong_plan_is_named_with_its_line(house, text, message):
    (house.path / "nightly.yaml").write_text(text)
    result = house.night()
    assert result.exit_code == 2
    assert message in result.output
