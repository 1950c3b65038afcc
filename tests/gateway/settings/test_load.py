"""What the operator sets: the file, the environment above it, a demonstration without either.

Mutants killed: a variable that is not read; the file stronger than the environment; a path relative to where
the process was started; an unknown name ignored; a variable that has no effect accepted in silence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import ConfigError, SettingsError
from gateway.settings import Settings, load_settings
from gateway.settings.load import ENVIRONMENT
from gateway.settings.models import Model
from gateway.settings.schema import DEMONSTRATION, Limits, Listen

FILE = """\
listen: {host: 0.0.0.0, port: 9000, workers: 2}
policy: mine/policy.yaml
database: postgresql://db/sluice
spool: keep
models:
  通义: {provider: openai_compatible, base_url: "https://up.example/v1", key_env: UP_KEY, model: qwen-max}
  script: {provider: replay, script: answers.yaml}
  claude: {provider: litellm, model: anthropic/claude}
default_model: 通义
producer: 某公司
limits: {body_bytes: 2048, messages: 5}
drain_seconds: 3
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = "sluice.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_without_anything_there_is_a_demonstration(here: Path) -> None:
    settings = load_settings(None, {})
    assert settings.demonstration
    assert list(settings.models) == [DEMONSTRATION]
    assert (settings.listen, settings.policy) == (Listen(), "base")
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8080)  # not open to the world
    assert settings.producer == "sluice-demonstration"
    assert settings.limits == Limits()


def test_a_file_says_it_all(here: Path) -> None:
    settings = load_settings(write(here, FILE, "etc/sluice.yaml"), {})
    assert (settings.listen.host, settings.listen.port, settings.listen.workers) == ("0.0.0.0", 9000, 2)
    assert settings.models["通义"].model == "qwen-max"
    assert (settings.default_model, settings.producer, settings.drain_seconds) == ("通义", "某公司", 3)
    assert (settings.limits.body_bytes, settings.limits.messages) == (2048, 5)
    assert not settings.demonstration


def test_paths_are_relative_to_the_file_that_says_them(here: Path) -> None:
    file = write(here, FILE, "etc/sluice.yaml")
    settings = load_settings(file, {})
    assert settings.policy == str(here / "etc/mine/policy.yaml")
    assert settings.models["script"].script == str(here / "etc/answers.yaml")
    assert settings.spool == str(here / "etc/keep")
    assert load_settings(write(here, "policy: strict\n"), {}).policy == "strict"  # a name is no path
    assert load_settings(write(here, "policy: /etc/p.yaml\nspool: /var/s\n"), {}).policy == "/etc/p.yaml"
    assert load_settings(write(here, "spool: /var/s\n"), {}).spool == "/var/s"
    assert load_settings(write(here, "{}\n"), {}).spool == "var/spool"


def test_which_file_is_read(here: Path) -> None:
    write(here, "policy: strict\n")
    named = write(here, "policy: empty\n", "named.yaml")
    given = write(here, "policy: base\n", "given.yaml")
    assert load_settings(None, {}).policy == "strict"
    assert load_settings(None, {"SLUICE_CONFIG": str(named)}).policy == "empty"
    assert load_settings(given, {"SLUICE_CONFIG": str(named)}).policy == "base"
    assert load_settings(None, {"SLUICE_CONFIG": ""}).policy == "strict"


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("SLUICE_POLICY", "strict", "policy"),
        ("SLUICE_DATABASE_URL", "sqlite:///x.db", "database"),
        ("SLUICE_PRODUCER", "another", "producer"),
    ],
)
def test_the_environment_is_stronger_than_the_file(here: Path, variable: str, value: str, field: str) -> None:
    file = write(here, FILE)
    assert getattr(load_settings(file, {variable: value}), field) == value
    assert getattr(load_settings(None, {variable: value}), field) == value
    assert getattr(load_settings(file, {variable: ""}), field) == getattr(load_settings(file, {}), field)


@pytest.mark.parametrize(
    ("variables", "name", "model", "default"),
    [
        ({}, "*", Model(provider="openai_compatible", base_url="http://up/v1"), None),
        ({"SLUICE_MODEL": "qwen3"}, "qwen3", Model(provider="openai_compatible", base_url="http://up/v1"), "qwen3"),
        (
            {"SLUICE_UPSTREAM_KEY": "k"},
            "*",
            Model(provider="openai_compatible", base_url="http://up/v1", key_env="SLUICE_UPSTREAM_KEY"),
            None,
        ),
        (
            {"SLUICE_UPSTREAM_KEY": ""},
            "*",
            Model(provider="openai_compatible", base_url="http://up/v1"),
            None,
        ),
    ],
)
@pytest.mark.parametrize("text", ["", FILE])
def test_one_upstream_needs_no_file_and_takes_the_place_of_its_models(
    here: Path, variables: dict[str, str], name: str, model: Model, default: str | None, text: str
) -> None:
    file = write(here, text) if text else None
    settings = load_settings(file, {"SLUICE_UPSTREAM": "http://up/v1", **variables})
    assert settings.models == {name: model}
    assert settings.default_model == default
    assert not settings.demonstration
    assert settings.producer == ("某公司" if text else None)  # who serves others speaks in their own name


def test_every_variable_is_known_and_changes_nothing_by_being_empty(here: Path) -> None:
    assert load_settings(None, dict.fromkeys(ENVIRONMENT, "")) == load_settings(None, {})
    assert load_settings(None, {"PATH": "/bin", "SLUICED": "1", "sluice_policy": "x"}) == load_settings(None, {})


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SLUICE_POLCY": "x"}, ["SLUICE_POLCY", "did you mean 'SLUICE_POLICY'?"]),
        ({"SLUICE_UPSTREAM_KEYS": "SECRET"}, ["did you mean 'SLUICE_UPSTREAM_KEY'?"]),
        ({"SLUICE_A": "1", "SLUICE_B": "2"}, ["SLUICE_A, SLUICE_B", "SLUICE_CONFIG"]),
        ({"SLUICE_PORT": "tcp://10.0.0.1:80"}, ["SLUICE_PORT"]),
        ({"SLUICE_MODEL": "qwen3"}, ["SLUICE_UPSTREAM is not"]),
        ({"SLUICE_UPSTREAM": "up.example/v1"}, ["http:// or https://"]),
        ({"SLUICE_UPSTREAM": "ftp://up"}, ["http:// or https://"]),
        ({"SLUICE_CONFIG": "nowhere.yaml"}, ["nowhere.yaml", "No such file"]),
        ({"SLUICE_CONFIG": "."}, ["Is a directory"]),
    ],
)
@pytest.mark.parametrize("text", ["", "policy: base\n"])
def test_a_variable_that_cannot_be_is_told(here: Path, variables: dict[str, str], words: list[str], text: str) -> None:
    if text:
        write(here, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(None, variables)
    assert all(word in str(caught.value) for word in words)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("polcy: base\n", 1, "policy"),
        ("policy: base\nlisten:\n  prot: 1\n", 3, "port"),
        ("listen: {port: 70000}\n", 1, "65535"),
        ("listen: {port: abc}\n", 1, "port"),
        ("listen: {workers: 0}\n", 1, "workers"),
        ("limits:\n  body_bytes: 3\n", 2, "1024"),
        ("limits:\n  body_seconds: 0\n", 2, "greater than 0"),
        ("drain_seconds: 9999999\n", 1, "3600"),
        ("models:\n  m: {provider: openai}\n", 2, "openai_compatible"),
        ("models:\n  m: {provider: openai_compatible}\n", 2, "base_url"),
        ("models:\n  m: {provider: replay}\n", 2, "script"),
        ("models:\n  m: {provider: echo, key: SECRET}\n", 2, "key"),
        ("models:\n  m: {provider: echo}\ndefault_model: n\n", 1, "none of the models"),
        ("policy: base\npolicy: strict\n", 2, "policy"),
        ("policy: [base\n", 2, ""),
        ("- policy\n", 1, ""),
    ],
)
def test_a_wrong_file_is_told_with_its_line(here: Path, text: str, line: int, words: str) -> None:
    file = write(here, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {})
    assert f"{file.name}:{line}" in str(caught.value)
    assert words in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once(here: Path) -> None:
    write(here, "polcy: base\nlisten: {port: -1}\ndrain_seconds: 0\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {})
    assert [f"sluice.yaml:{line}" in str(caught.value) for line in (1, 2, 3)] == [True] * 3


def test_an_empty_file_is_the_demonstration(here: Path) -> None:
    write(here, "# nothing yet\n{}\n")
    assert load_settings(None, {}) == Settings(producer="sluice-demonstration")


def test_policies_of_keys_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text("policies: {strict: p/strict.yaml, plain: base}\n", encoding="utf-8")
    assert load_settings(file, {}).policies == {"strict": f"{tmp_path}/p/strict.yaml", "plain": "base"}


def test_paths_are_those_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text("answers: {embeddings: {folder: models/bge}, vectors: kept.db}\n", "utf-8")
    place = load_settings(file, {}).answers
    assert place.embeddings is not None
    assert (place.embeddings.folder, place.vectors) == (str(tmp_path / "models" / "bge"), str(tmp_path / "kept.db"))


def test_scripts_of_upstreams_are_found_beside_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "models:\n  a: {upstreams: [{provider: replay, script: s.yaml}]}\n"), {})
    assert settings.models["a"].upstreams[0].script == f"{tmp_path}/s.yaml"
    assert settings.demonstration
