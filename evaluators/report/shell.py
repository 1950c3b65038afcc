"""The frame of every page: one file that needs nothing else, no network and no other file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any, NamedTuple

from evaluators.report.words import Labels

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


class Section(NamedTuple):
    """A part of a page.

    Attributes:
        title: Key of its title among the words.
        body: HTML.
        note: Key of the line below the title; empty for none.
    """

    title: str
    body: str
    note: str = ""


def shell(
    words: Labels,
    title: str,
    kind: str,
    *,
    head: str,
    sections: Sequence[Section | str],
    data: dict[str, Any] | None = None,
) -> str:
    """Return a page.

    Args:
        words: The words of reports.
        title: What the page is about, as plain text.
        kind: Key of what sort of page it is, among the words.
        head: HTML below the title.
        sections: In order; one without a body is left out, and HTML stands as it is.
        data: What the script shows, as JSON values; None for a page without rows.
    """
    files = resources.files("evaluators.report")
    style = files.joinpath("style.css").read_text("utf-8")
    scripts = ["script.js", *(["rows.js"] if data is not None else [])]
    script = "\n".join(files.joinpath(name).read_text("utf-8") for name in scripts)
    held = "" if data is None else f'<script type="application/json" id="data">{embedded(data)}</script>\n'
    switch = f'<button id="switch" type="button">{words("switch")}</button>'
    body = "\n".join(one if isinstance(one, str) else _section(one, words) for one in sections if one)
    return f"""<!doctype html>
<html lang="zh" data-lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Sluice</title>
<style>{style}</style>
</head>
<body>
<header>
<div class="top"><span class="brand">Sluice 水闸 · {words(kind)}</span>{switch}</div>
<h1>{escape(title)}</h1>
{head}
</header>
<main>
{body}
</main>
{held}<script>{script}</script>
</body>
</html>
"""


def _section(section: Section, words: Labels) -> str:
    if not section.body:
        return ""
    note = f'<p class="note">{words(section.note)}</p>' if section.note else ""
    return f'<section id="s-{section.title}"><h2>{words(section.title)}</h2>{note}{section.body}</section>'


def embedded(data: dict[str, Any]) -> str:
    """Write JSON so that no text in it can end the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
