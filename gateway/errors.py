"""Every error that Sluice raises on purpose.

::

    SluiceError
    ├── ConfigError            a file the operator wrote is wrong: where, what, what to do
    │   ├── PolicyError
    │   ├── SettingsError
    │   └── ConfigErrors          everything that is wrong, at once
    │       └── PolicyErrors      … with a policy (also a PolicyError)
    ├── RequestError           the client's request cannot be taken: status, code, param
    ├── RecordError            a record could not be kept
    │   └── RecordRefused         … and never will be: the store takes others, but not this one
    ├── VaultError             what stands for what could not be kept or fetched
    ├── QuotaError             counters of quotas cannot be reached
    ├── DetectorError          a detector or judge could not judge
    │   ├── JudgeTimeout          no verdict within its budget
    │   ├── JudgeAway             no connection, an HTTP error, or an answer that broke off
    │   ├── JudgeNonsense         it answered, but not with a verdict
    │   ├── JudgeResting          it failed too often: nobody asks it for a while
    │   ├── JudgeTooLong          more text than it is asked about
    │   └── JudgeUnasked          policies are only checked here: nobody is asked
    ├── KnowledgeError         a document cannot be read, or what is kept of it cannot be used
    │   └── EndpointError         what gives texts their meaning, or puts them in order, does not answer as it should
    ├── LabelError             a file cannot be given a label: what is wrong with it
    └── UpstreamError          the model behind us did not answer as it should
        ├── UpstreamUnreachable   no connection (502)
        ├── UpstreamTimeout       no answer in time (504)
        ├── UpstreamRefused       an HTTP error status of its own, passed on
        ├── UpstreamBroke         died or talked nonsense in mid-answer (502)
        ├── UpstreamBusy          as many calls are under way as the settings allow (503)
        └── UpstreamUnlabelled    made something that cannot carry the label that the policy wants (502)

No message holds text of a question or an answer (law 6): ids, codes, counts and lengths only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


class SluiceError(Exception):
    """The root: catching it catches nothing that Sluice did not mean to raise."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person can open; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class ConfigError(SluiceError):
    """A file that the operator wrote is wrong.

    Attributes:
        what: What is wrong, in one sentence.
        where: The file and line, where there is one.
        hint: What to do about it; may be empty.
        problems: Every single thing that is wrong; just this one, if it is one.
    """

    def __init__(self, what: str, where: Where | None = None, hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        self.problems: tuple[ConfigError, ...] = (self,)
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{what}{f' — {hint}' if hint else ''}")


class PolicyError(ConfigError):
    """A policy, a word list or an answer file is wrong."""


class SettingsError(ConfigError):
    """``sluice.yaml`` or an environment variable is wrong."""


_TOLD: Final = 200
"""So many problems are told in a message: a list with 100,000 lines of the wrong form would hide the rest."""


class ConfigErrors(ConfigError):
    """Everything that is wrong with a file, so that a person can mend it in one go.

    Its message has one line for each problem, in the order of files and lines, and says how many
    there are beyond those that a person would read; ``what``, ``where`` and ``hint`` are those of the first.
    """

    def __init__(self, problems: Iterable[ConfigError]) -> None:
        flat = [single for problem in problems for single in problem.problems]
        ordered = sorted({str(single): single for single in flat}.values(), key=_in_reading_order)
        first = ordered[0]
        super().__init__(first.what, first.where, first.hint)
        self.problems = tuple(ordered)
        told = [str(problem) for problem in ordered[:_TOLD]]
        if len(ordered) > _TOLD:
            told.append(f"… and {len(ordered) - _TOLD:,} more like these: mend them and try again")
        self.args = ("\n".join(told),)


class PolicyErrors(ConfigErrors, PolicyError):
    """Everything that is wrong with a policy and the files that it names."""


def _in_reading_order(problem: ConfigError) -> tuple[str, int, int]:
    where = problem.where or Where("")
    return where.file, where.line or 0, where.column or 0


class RequestError(SluiceError):
    """The client's request cannot be taken.

    Attributes:
        status: HTTP status, 4xx.
        code: A stable word that programs can match, such as ``invalid_json``.
        param: Where in the request (``messages[3].role``), or None.
        retry_after: Seconds after which it is worth asking again, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "invalid_request",
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.status, self.code, self.param, self.retry_after = status, code, param, retry_after
        super().__init__(message)


class RecordError(SluiceError):
    """A record could not be kept: the store is full, gone or closed."""


class RecordRefused(RecordError):
    """The store takes other records but will never take this one: trying again is of no use."""


class VaultError(SluiceError):
    """What stands for what in an exchange could not be kept, or not be fetched."""


class QuotaError(SluiceError):
    """The counters of quotas cannot be reached; what that means is the settings' ``on_lost``."""


class DetectorError(SluiceError):
    """A detector or a judge could not judge; what that means is the policy's ``on_error``."""


class KnowledgeError(SluiceError):
    """A document cannot be read, or what is kept of it cannot be used: what is wrong, and what to do."""


class EndpointError(KnowledgeError):
    """What gives texts their meaning, puts them in order or searches elsewhere does not answer as it should."""


class LabelError(SluiceError):
    """A file cannot be given a metadata label; it is left as it was. Says what is wrong, not what it holds."""


class JudgeTimeout(DetectorError):
    """No verdict within its budget."""


class JudgeAway(DetectorError):
    """No connection, an HTTP error, or an answer that broke off.

    Attributes:
        counts: Whether it says something about the judge. An error that a text may have caused
            (HTTP 400, 413, 422) does not: else whoever writes such texts could switch a judge off.
    """

    def __init__(self, message: str, *, counts: bool = True) -> None:
        self.counts = counts
        super().__init__(message)


class JudgeNonsense(DetectorError):
    """It answered, but not with a verdict."""


class JudgeResting(DetectorError):
    """It failed too often: nobody asks it for a while."""


class JudgeTooLong(DetectorError):
    """More text than it is asked about."""


class JudgeUnasked(DetectorError):
    """Policies are only checked here: nobody is asked."""


class UpstreamError(SluiceError):
    """The model behind us did not answer as it should.

    Attributes:
        upstream: The configured name of the upstream (never its key).
        status: The HTTP status that the client gets.
        code: A stable word that programs can match.
    """

    status = 502
    code = "upstream_error"

    def __init__(self, message: str, *, upstream: str) -> None:
        self.upstream = upstream
        super().__init__(message)


class UpstreamUnreachable(UpstreamError):
    """No connection: wrong address, refused, DNS, TLS."""

    code = "upstream_unreachable"


class UpstreamTimeout(UpstreamError):
    """Connected, but no answer (or no further piece of it) in time."""

    status = 504
    code = "upstream_timeout"


class UpstreamRefused(UpstreamError):
    """The upstream answered with an HTTP error of its own.

    Attributes:
        status: The upstream's status, passed on.
        body: The upstream's body as it came; goes to the client only, never to a log.
        retry_after: The upstream's ``Retry-After`` header, if any.
    """

    code = "upstream_refused"

    def __init__(
        self, message: str, *, upstream: str, status: int, body: bytes = b"", retry_after: str | None = None
    ) -> None:
        super().__init__(message, upstream=upstream)
        self.status, self.body, self.retry_after = status, body, retry_after


class UpstreamBroke(UpstreamError):
    """The upstream died, or sent what cannot be read, in the middle of an answer."""

    code = "upstream_broke"


class UpstreamBusy(UpstreamError):
    """As many calls are under way as the settings allow."""

    status = 503
    code = "upstream_busy"


class UpstreamUnlabelled(UpstreamError):
    """The upstream made a picture or a sound that cannot carry the label that the policy wants: it does not leave."""

    code = "cannot_be_labelled"
