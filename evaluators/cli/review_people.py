"""``sluice eval review sheets``, ``take`` and ``serve``: by which people get what they judge, and hand it back."""

from __future__ import annotations

from pathlib import Path

import click

from evaluators.cli.ending import telling
from evaluators.cli.reviewed import FOLDER, REVIEW, minutes, now


@click.command()
@REVIEW
@click.option("--out", type=FOLDER, required=True, help="A folder: one workbook for each person.")
@click.option("--reviewer", "names", multiple=True, help="Only for these people.")
def sheets(*, folder: Path, out: Path, names: tuple[str, ...]) -> None:
    """Write a workbook (XLSX) for each person, with what they have said so far.

    \b
    sluice eval review sheets reviews/first --out sheets
    """
    import sys  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.review import assign as sharing  # noqa: PLC0415
    from evaluators.review.consensus import refer  # noqa: PLC0415
    from evaluators.review.sheet import Copy, write_sheet  # noqa: PLC0415
    from evaluators.review.wording import load_words  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        assignment = refer(said.review, said.decisions)
        people = [sharing.known(name, assignment) for name in names] or list(assignment.people)
        if not people:
            raise click.UsageError(f"nobody was asked yet: sluice eval review assign {folder} --reviewer NAME")
        for person in tqdm(people, unit="workbook", delay=2, disable=None, file=sys.stderr):
            items = [item for id in assignment.of(person) if (item := said.review.item(id))]
            mine = {item: one for (item, name), one in said.decisions.items() if name == person}
            path = out / f"{person}.xlsx"
            write_sheet(path, Copy(said.review, person, items, mine, load_words()))
            click.echo(f"{path}: {len(items)} items")


@click.command()
@REVIEW
@click.argument("files", metavar="XLSX…", nargs=-1, required=True, type=FOLDER)
def take(*, folder: Path, files: tuple[Path, ...]) -> None:
    """Take filled-in workbooks back; if a cell is wrong it is named, and nothing of any file is taken.

    \b
    sluice eval review take reviews/first sheets/*.xlsx
    """
    from evaluators.review.decisions import add, gaps  # noqa: PLC0415
    from evaluators.review.sheet_read import read_sheet  # noqa: PLC0415
    from evaluators.review.wording import load_words  # noqa: PLC0415
    from gateway.errors import ConfigError, ConfigErrors, Where  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        found, problems = {}, list[ConfigError]()
        for file in files:
            try:
                found[file] = read_sheet(
                    file.read_bytes(), str(file), said.review, said.assignment, load_words(), at=now()
                )
            except OSError as error:
                problems.append(ConfigError(f"cannot read the workbook: {error.strerror}", Where(str(file))))
            except ConfigError as error:
                problems.append(error)
        if problems:
            raise ConfigErrors(problems)
        add(said.review, [decision for decisions in found.values() for decision in decisions])
    items = {item.id: item for item in said.review.items}
    for file, decisions in found.items():
        whole = sum(not gaps(decision, items[decision.item], said.review.rubric) for decision in decisions)
        click.echo(f"{file}: {whole} items judged, {len(decisions) - whole} begun, which stay open")


@click.command()
@REVIEW
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 for any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen: this machine only.")
@click.option("--reviewer", "names", multiple=True, help="Only for these people.")
def serve(*, folder: Path, port: int, host: str, names: tuple[str, ...]) -> None:
    """Serve REVIEW as a page: a link for each person, which says who they are; needs no network.

    \b
    sluice eval review serve reviews/first
    sluice eval review serve reviews/first --port 9000 --reviewer 王芳
    """
    import secrets  # noqa: PLC0415
    import socket  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415

    from evaluators.review import assign as sharing  # noqa: PLC0415
    from evaluators.review.decisions import Follower  # noqa: PLC0415
    from evaluators.review.web.app import Desk, application  # noqa: PLC0415
    from evaluators.review.wording import load_words  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        people = [sharing.known(name, said.assignment) for name in names] or list(said.assignment.people)
        if not people:
            raise click.UsageError(f"nobody was asked yet: sluice eval review assign {folder} --reviewer NAME")
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen()  # a link that is printed can be opened
        except OSError as error:
            raise click.UsageError(f"cannot listen on {host}:{port}: {error.strerror}; try another --port") from None
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    names_of_host = {shown, "127.0.0.1", "localhost"} if host in ("127.0.0.1", "localhost") else {shown}
    if host in ("0.0.0.0", "::"):  # noqa: S104 - the user asked for it
        names_of_host = {socket.gethostname(), "127.0.0.1", "localhost", *_addresses()}
    if host not in ("127.0.0.1", "localhost", "::1"):
        click.echo("The page is reachable from other machines, without encryption: put TLS in front of it.", err=True)
    links = {secrets.token_urlsafe(24): person for person in people}
    hosts = tuple(f"{name}:{port}" for name in sorted(names_of_host))
    desk = Desk(said.review, load_words(), links, secrets.token_bytes(32), hosts, now, Follower(said.review))
    base = shown if shown in names_of_host else socket.gethostname()
    for token, person in links.items():
        click.echo(f"{person}: http://{base}:{port}/?token={token}")
    click.echo("Each link opens the items of one person. Ctrl-C ends.", err=True)
    server = uvicorn.Server(uvicorn.Config(application(desk), log_level="warning", access_log=False))
    server.run(sockets=[listening])


def _addresses() -> list[str]:
    """Return this machine's own addresses, as far as its name tells them."""
    import socket  # noqa: PLC0415

    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    except OSError:
        return []
