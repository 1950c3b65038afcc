"""Reads what is to be done every night; what is wrong is named with file and line before anything is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.document import read_document, validate
from gateway.errors import ConfigError, ConfigErrors, Where

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SuiteOfNight(_Model):
    """A suite, and how it is run."""

    suite: str = Field(description="its folder, relative to this file")
    limit: int | None = Field(default=None, ge=1)
    repetitions: int | None = Field(default=None, ge=1, le=100)
    recorded: bool = Field(default=False, description="score the answers that the rows bring along; ask nobody")


class TargetOfNight(_Model):
    """The gateway that is running; what is missing is the suite's own."""

    base_url: str | None = None
    model: str | None = None
    key_env: str | None = None


class JudgeOfNight(_Model):
    """A judge model, for suites that need one."""

    base_url: str
    model: str
    key_env: str = "SLUICE_JUDGE_KEY"
    embedding_model: str | None = None


class WebhookOfNight(_Model):
    """Who is told how the night ended; signed as Standard Webhooks says."""

    url: str = Field(pattern=r"^https?://[^\s@]+$")
    secret_env: str = Field(default="SLUICE_NIGHTLY_SECRET", description="variable with 24 to 64 bytes in Base64")
    attempts: int = Field(default=4, ge=1, le=10)
    timeout_s: float = Field(default=10.0, gt=0, le=120)


class PlanFile(_Model):
    """The shape of a night's plan."""

    name: Name
    suites: Annotated[list[SuiteOfNight], Field(min_length=1)]
    target: TargetOfNight = TargetOfNight()
    judge: JudgeOfNight | None = None
    baseline: Literal["last_good", "none"] = "last_good"
    folder: str = Field(default="nights", description="where nights are written, relative to where one stands")
    keep: int = Field(default=30, ge=2, description="how many nights are kept")
    resume_hours: float = Field(default=12.0, ge=0, description="a night killed less long ago is gone on with")
    webhook: WebhookOfNight | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done every night.

    Attributes:
        file: Where it was read from.
        read: What stands in it.
        suites: The suites' folders or files, in order.
        digest: ``sha256`` of the file.
    """

    file: Path
    read: PlanFile
    suites: tuple[Path, ...]
    digest: str


def load_plan(path: Path) -> Plan:
    """Read a night's plan.

    Raises:
        ConfigError: It cannot be read, or is wrong: with file, line and what to do.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        hint = "give a YAML file with name and suites, see docs/nightly.md"
        raise ConfigError(f"cannot read the plan of the night: {error.strerror}", Where(str(path)), hint) from None
    document = read_document(text, str(path))
    read = validate(document, PlanFile)
    suites = tuple(path.parent / one.suite for one in read.suites)
    problems = [
        ConfigError("there is no suite here", document.where("suites", at, "suite"), "name a folder with suite.yaml")
        for at, suite in enumerate(suites)
        if not (suite.is_file() or (suite / "suite.yaml").is_file())
    ]
    known = [suite.resolve() for suite in suites]
    problems += [
        ConfigError("this suite is here twice", document.where("suites", at, "suite"), "name each once")
        for at, suite in enumerate(known)
        if suite in known[:at]
    ]
    if problems:
        raise ConfigErrors(problems)
    return Plan(path, read, suites, hashlib.sha256(text).hexdigest())
