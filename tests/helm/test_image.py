"""The Dockerfile is read, not built: each line that can be wrong without an engine to say so is checked here."""

from __future__ import annotations

import ast
import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from kit.helm import CHART

import gateway

ROOT = Path(__file__).parents[2]


class Line(NamedTuple):
    """One instruction and what follows it, continuation lines joined."""

    word: str
    rest: str


def lines_of(text: str) -> list[Line]:
    """Parse a Dockerfile into instructions; comments and blank lines are gone."""
    kept = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(kept))
    return [Line(*line.split(None, 1)) for line in joined.splitlines()]


def stages_of(lines: list[Line]) -> list[list[Line]]:
    """Split instructions into stages; each begins with its FROM."""
    starts = [index for index, line in enumerate(lines) if line.word == "FROM"]
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


LINES = lines_of((ROOT / "Dockerfile").read_text())
BUILD, FINAL = stages_of(LINES)


def last(word: str) -> str:
    """Return what follows the last instruction of that name in the final stage: the one that counts."""
    return [line.rest for line in FINAL if line.word == word][-1]


def copied_from_context(lines: list[Line]) -> list[tuple[str, str]]:
    """Return every source in the build context with its destination."""
    found = []
    for line in lines:
        if line.word in ("COPY", "ADD") and "--from=" not in line.rest:
            *sources, target = shlex.split(line.rest)
            found += [(source, target) for source in sources]
    return found


def ignored(path: str, patterns: list[str]) -> bool:
    """Say whether .dockerignore keeps a path out: the last pattern that matches it or a folder above it wins."""
    parts = Path(path).parts
    prefixes = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    out = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").strip("/")
        anywhere = bare.removeprefix("**/")
        if any(fnmatch(each, bare) and each.count("/") == bare.count("/") for each in prefixes) or (
            anywhere != bare and any(fnmatch(part, anywhere) for part in parts)
        ):
            out = not pattern.startswith("!")
    return out


def ignore_patterns() -> list[str]:
    text = (ROOT / ".dockerignore").read_text()
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_every_instruction_is_one() -> None:
    assert {line.word for line in LINES} <= {
        *("FROM", "ARG", "LABEL", "ENV", "WORKDIR", "COPY", "RUN"),
        *("VOLUME", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }


def test_both_stages_start_from_the_same_slim_python_with_a_version() -> None:
    assert BUILD[0].rest == "python:3.11-slim AS build"
    assert FINAL[0].rest == "python:3.11-slim"


def test_everything_that_is_copied_exists_and_reaches_the_build() -> None:
    patterns = ignore_patterns()
    assert len(copied_from_context(LINES)) >= 7
    for source, _ in copied_from_context(LINES):
        assert (ROOT / source).exists(), source
        assert (ROOT / source).is_dir() == source.endswith("/"), source
        assert not ignored(source.rstrip("/"), patterns), source


def test_folders_keep_their_names() -> None:
    for source, target in copied_from_context(LINES):
        if source.endswith("/"):
            assert Path(target).name == Path(source).name, source


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        "var/records.db",
        "runs/x.jsonl",
        "tests/kit/helm.py",
        "helm/sluice/values.yaml",
        "gateway/__pycache__/text.cpython-311.pyc",
        "gateway/.env",
        ".env",
        "notes.txt",
    ],
)
def test_what_is_private_or_useless_never_reaches_the_build(path: str) -> None:
    assert ignored(path, ignore_patterns())


@pytest.mark.parametrize(
    "path", ["gateway/text.py", "gateway/py.typed", "policies/base/default.yaml", "constraints.txt"]
)
def test_what_is_built_from_does_reach_the_build(path: str) -> None:
    assert not ignored(path, ignore_patterns())


def test_the_build_context_is_what_the_wheel_is_made_of() -> None:
    sources = {source.rstrip("/") for source, _ in copied_from_context(BUILD)}
    assert sources >= {"pyproject.toml", "README.md", "constraints.txt", "gateway", "evaluators", "policies"}


def test_packages_are_installed_in_tested_versions_and_without_those_for_tests() -> None:
    runs = " ".join(line.rest for line in BUILD if line.word == "RUN")
    assert "--constraint constraints.txt" in runs
    (extras,) = (line.rest for line in BUILD if line.word == "ARG")
    assert extras == "EXTRAS=postgres"
    assert "[test]" not in runs
    assert not [line for line in LINES if "apt-get" in line.rest]


def test_the_final_stage_installs_nothing_and_takes_what_was_built() -> None:
    assert "--from=build /opt/sluice /opt/sluice" in [line.rest for line in FINAL if line.word == "COPY"]
    assert not [line for line in FINAL if line.word == "RUN" and "pip" in line.rest]
    assert "PATH=/opt/sluice/bin:$PATH" in last("ENV")


def test_the_user_is_the_one_of_the_chart_and_owns_the_only_place_that_is_written_to() -> None:
    security = yaml.safe_load((CHART / "values.yaml").read_text())["security"]
    assert last("USER") == f"{security['user']}:{security['group']}"
    assert security["user"] > 0
    (made,) = (line.rest for line in FINAL if line.word == "RUN")
    assert f"--owner={security['user']}" in made
    assert f"--group={security['group']}" in made
    assert made.split()[-1] == last("WORKDIR") == json.loads(last("VOLUME"))[0] == "/var/lib/sluice"
    words = [line.word for line in FINAL]
    assert words.index("USER") > words.index("RUN"), "only root can make the folder"


def test_it_starts_the_gateway_on_the_port_that_it_exposes() -> None:
    assert last("EXPOSE") == "8080"
    assert json.loads(last("ENTRYPOINT")) == ["sluice"]
    assert json.loads(last("CMD")) == ["serve", "--host", "0.0.0.0", "--port", last("EXPOSE")]
    assert last("STOPSIGNAL") == "SIGTERM"


def test_its_health_is_asked_without_any_tool_but_python() -> None:
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    ast.parse(command[2])
    assert f"http://127.0.0.1:{last('EXPOSE')}/healthz" in command[2]


def test_its_labels_say_what_it_is() -> None:
    labels = dict(each.split("=", 1) for each in shlex.split(last("LABEL")))
    assert set(labels) == {
        f"org.opencontainers.image.{each}" for each in ("title", "description", "version", "licenses")
    }
    (version,) = (line.rest for line in FINAL if line.word == "ARG")
    assert version == f"VERSION={gateway.__version__}"


def test_nothing_in_it_is_a_secret() -> None:
    for line in LINES:
        if line.word in ("ARG", "ENV"):
            assert not re.search(r"(?i)(key|token|secret|passw)\w*=", line.rest), line


def test_the_suite_of_the_night_is_in_the_image() -> None:
    (one,) = yaml.safe_load((CHART / "values.yaml").read_text())["nightly"]["suites"]
    suite = one["suite"]
    (source, target) = next(each for each in copied_from_context(LINES) if each[0] == "benchmarks/")
    assert suite.startswith(target)
    assert (ROOT / source / suite.removeprefix(target) / "suite.yaml").is_file()
