"""Label the pictures, sounds and files of one answer before they leave: in a thread, all of them or none.

What the policy wants labelled and cannot be raises ``LabelError``: it never leaves without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import anyio.to_thread

from gateway.errors import LabelError
from gateway.pipeline.making import Labelled, Making, numbered
from gateway.policy.plan import LabelPlan
from gateway.ports import Fetch, Medium

MOST_MEDIA: Final = 128
"""Pictures and sounds that one answer may bring; each takes time to label."""


class DeclareMedia:
    """Labels what an answer brings besides words, each piece with an id of its own.

    Args:
        plan: Says how.
        making: Returns for whom; asked only when an answer brings something.
        fetch: Fetches what stands behind a URL; None where nothing is fetched.

    Attributes:
        marks: What the pieces so far carry.
        digests: Of each piece that left without a visible label under an agreement, the SHA-256 of its bytes.
    """

    def __init__(self, plan: LabelPlan, making: Callable[[], Making], fetch: Fetch | None = None) -> None:
        self._plan, self._making, self._fetch = plan, making, fetch
        self._count = 0
        self._sounding: set[int] = set()
        self.marks: tuple[str, ...] = ()
        self.digests: tuple[str, ...] = ()

    async def label(self, media: Sequence[Medium]) -> bool:
        """Put labelled pieces into the places of those that came; return whether there was anything to do.

        Raises:
            LabelError: One cannot be labelled as the policy says; then no place was changed.
        """
        making = self._making() if media else None
        wanted = [medium for medium in media if making is not None and self._wanted(medium, making)]
        self._sounding.update(medium.choice for medium in wanted if medium.form == "samples")
        if making is None or not wanted:
            return False
        if self._count + len(wanted) > MOST_MEDIA:
            raise LabelError(f"the answer brings more than {MOST_MEDIA} pictures or sounds")
        jobs = [(medium, numbered(making, self._count + at)) for at, medium in enumerate(wanted)]
        self._count += len(wanted)
        # Drawing and packing take a tenth of a second and more: the loop serves others meanwhile, and whoever
        # leaves is not waited for.
        fetched = {url: await self._fetch(url) for url in _addresses(wanted)} if self._fetch else None
        made = await anyio.to_thread.run_sync(_label_all, jobs, self._plan, fetched, abandon_on_cancel=True)
        for medium, (value, done) in zip(wanted, made, strict=True):
            medium.place[medium.key] = value
            self.marks = tuple(dict.fromkeys((*self.marks, *done.marks)))
            if making.waived:
                self.digests = (*self.digests, hashlib.sha256(done.data).hexdigest())
        return True

    def _wanted(self, medium: Medium, making: Making) -> bool:
        """Whether the policy wants a piece of this kind labelled."""
        plan, named = self._plan, making.label is not None
        if medium.kind == "file":
            return plan.files in ("visible", "both") or (plan.files == "metadata" and named)
        if medium.form == "samples":
            # Bare samples have no place for metadata: the fields of the answer say it. They are heard once.
            return plan.sounds is not None and not making.waived and medium.choice not in self._sounding
        shown = plan.pictures if medium.kind == "picture" else plan.sounds
        return shown is not None or (plan.metadata and named)


def _addresses(media: Sequence[Medium]) -> list[str]:
    """Return the URLs that have to be fetched, each once."""
    urls = [medium.place[medium.key] for medium in media if medium.form == "url"]
    return [url for url in dict.fromkeys(urls) if not url.startswith("data:")]


def _label_all(
    jobs: Sequence[tuple[Medium, Making]], plan: LabelPlan, fetched: Mapping[str, bytes] | None
) -> list[tuple[str | bytes, Labelled]]:
    return [_label(medium, plan, making, fetched) for medium, making in jobs]


def _label(
    medium: Medium, plan: LabelPlan, making: Making, fetched: Mapping[str, bytes] | None
) -> tuple[str | bytes, Labelled]:
    """Return what stands in the place of a piece, and what it carries."""
    from gateway.pipeline import media  # noqa: PLC0415 - some megabytes of formats, for answers that bring one

    given = medium.place[medium.key]
    if medium.form == "samples":
        return media.label_samples(given, plan, making)

    def write(data: bytes) -> Labelled:
        if medium.kind == "file":
            done = media.label_file(data, plan, making, name=medium.name)
        else:
            done = (media.label_picture if medium.kind == "picture" else media.label_sound)(data, plan, making)
        if lacking := [reason for reason in done.missing if reason.startswith("metadata")]:
            raise LabelError(lacking[0])
        return done

    if medium.form == "bytes":
        done = write(given)
        return done.data, done
    if medium.form == "base64":
        return media.label_base64(given, write)
    return media.label_url(given, write, fetched.__getitem__ if fetched is not None else None)
