"""What the operator sets: the file, the environment above it, a demonstration without either.

Mutants killed: a variable that is not read; the file stronger than the environment; a path relative to where
the process was started; an unknown name ignored; a variable that has no effect accepted in silence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import ConfigError, SettingsError
from gateway.settings import (
    DEMONSTRATION,
    ENVIRONMENT,
    BankModel,
    Limits,
    Listen,
    Model,
    Settings,
    load_settings,
)

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


def test_settings_do_not_change() -> None:
    settings: Any = Settings()
    with pytest.raises(ValidationError):
        settings.policy = "x"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{key: 0123456789abcdef, agreement: A-1, date: 2026-10-01}", ""),
        ("{key: '0123456789abcde', agreement: A-1, date: 2026-10-01}", "unlabelled"),
        ("{key: sk-secret-key-in-the-clear, agreement: A-1, date: 2026-10-01}", "unlabelled"),
        ("{key: 0123456789abcdef, date: 2026-10-01}", "agreement"),
        ("{key: 0123456789abcdef, agreement: A-1, date: soon}", "date"),
    ],
)
def test_an_agreement_names_a_digest_an_id_and_a_date(tmp_path: Path, entry: str, told: str) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(f"unlabelled:\n  - {entry}\n", encoding="utf-8")
    if told:
        with pytest.raises(ConfigError, match=f"sluice.yaml:2.*{told}"):
            load_settings(file, {})
        return
    (waiver,) = load_settings(file, {}).unlabelled
    assert (waiver.agreement, waiver.date.isoformat()) == ("A-1", "2026-10-01")


@pytest.mark.parametrize("provider", ["litellm", "echo"])
def test_a_wire_format_is_said_of_servers_only(provider: Any) -> None:
    with pytest.raises(ValidationError, match="wire belongs to provider openai_compatible"):
        Model(provider=provider, wire="anthropic")


@pytest.mark.parametrize(
    "said",
    [
        "handoff: {url: 'ftp://x', secret_env: S}",
        "handoff: {url: 'https://x'}",
        "handoff: {url: 'https://x', secret_env: S, tries: 0}",
        "handoff: {url: 'https://x', secret_env: S, secret: abc}",
    ],
)
def test_handing_over_to_nobody_is_told_with_its_line(tmp_path: Path, said: str) -> None:
    (tmp_path / "s.yaml").write_text(said, "utf-8")
    with pytest.raises(ConfigError, match=r"s\.yaml:1"):
        load_settings(tmp_path / "s.yaml", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keys: {counters: file}\n", "sluice.yaml:1:8:"),
        ("keys:\n  on_lost: maybe\n", "sluice.yaml:2:3: 'keys.on_lost' may not be 'maybe' — write 'refuse' or 'pass'"),
        ("keys: {countres: memory}\n", "sluice.yaml:1:8: unknown key 'countres' — did you mean 'counters'?"),
        ("currency: yuan\n", "sluice.yaml:1:1:"),
        ("policies: {Strict: a.yaml}\n", "sluice.yaml:1:"),
        ("models:\n  a: {provider: echo, price: {input: -1, output: 2}}\n", "sluice.yaml:2:31:"),
        ("models:\n  a: {provider: echo, price: {input: 1}}\n", "sluice.yaml:2:23: the key 'output' is missing"),
    ],
)
def test_wrong_limits_and_prices_are_told_with_their_lines(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert message in str(caught.value)


def test_policies_of_keys_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text("policies: {strict: p/strict.yaml, plain: base}\n", encoding="utf-8")
    assert load_settings(file, {}).policies == {"strict": f"{tmp_path}/p/strict.yaml", "plain": "base"}


def read(folder: Path, text: str) -> Settings:
    file = folder / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models:\n  a: {model: x}\n", "sluice.yaml:2:3: 'models.a': a model needs provider (openai_compatible, lit"),
        (
            "models:\n  a: {region: cn, upstreams: [{provider: echo}]}\n",
            "sluice.yaml:2:3: 'models.a': region belongs to each of the upstreams here, not to the model",
        ),
        (
            "models:\n  a: {upstreams: [{provider: echo, name: x}, {provider: echo, name: x}]}\n",
            "the upstream 'x' is here twice",
        ),
        ("models:\n  a: {upstreams: [{provider: openai_compatible}]}\n", "needs base_url"),
        ("models:\n  a:\n    provider: echo\n    fallbacks: [b]\n", "'a' falls back to 'b'; there are: none"),
        ("models:\n  a: {provider: echo, fallbacks: [a]}\n", "'a' falls back to 'a'"),
        (
            "models:\n  a: {provider: echo, aliases: [b]}\n  b: {provider: echo}\n",
            "has the alias 'b', which is the",
        ),
        ("models:\n  a: {provider: echo, aliases: [x, x]}\n", "has the alias 'x'"),
        ("models:\n  a: {provider: echo, retry: {after: [soon]}}\n", "sluice.yaml:2:"),
        ("models:\n  a: {provider: echo, retry: {tries: 0}}\n", "sluice.yaml:2:31:"),
        ("models:\n  a: {provider: echo, weight: 2}\n", "unknown key 'weight'"),
        ("models:\n  a: {upstreams: [{provider: echo, weight: 0}]}\n", "sluice.yaml:2:36:"),
        ("models:\n  a: {provider: echo, concurrency: 0}\n", "sluice.yaml:2:23:"),
    ],
)
def test_models_that_cannot_be_meant_are_told_with_their_lines(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "sluice.yaml:" in str(caught.value)


def test_scripts_of_upstreams_are_found_beside_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, "models:\n  a: {upstreams: [{provider: replay, script: s.yaml}]}\n")
    assert settings.models["a"].upstreams[0].script == f"{tmp_path}/s.yaml"
    assert settings.demonstration


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"hosts": []},
        {"hosts": ["https://pictures.example"]},
        {"hosts": ["*"]},
        {"hosts": ["."]},
        {"hosts": ["a.example"], "seconds": 0},
        {"hosts": ["a.example"], "bytes": 10},
    ],
)
def test_hosts_that_are_none_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"fetch": entry})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({}, "needs one of url"),
        ({"url": "http://x/v1", "folder": "m"}, "needs one of url"),
        ({"folder": "m", "model": "x"}, "belong to url"),
        ({"folder": "m", "key_env": "KEY"}, "belong to url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://x", "seconds": 0}, "seconds"),
    ],
)
def test_embeddings_that_cannot_be_are_told(said: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        BankModel.model_validate(said)


def test_paths_are_those_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text("answers: {embeddings: {folder: models/bge}, vectors: kept.db}\n", "utf-8")
    place = load_settings(file, {}).answers
    assert place.embeddings is not None
    assert (place.embeddings.folder, place.vectors) == (str(tmp_path / "models" / "bge"), str(tmp_path / "kept.db"))
