"""``flask media …``: what an operator does with media from the command line."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NoReturn

import click
from flask import Blueprint
from sqlalchemy import select

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.lti.models import Registration
from lti_tool.media import access, deleting, plays, rules
from lti_tool.media.delivery import orphans
from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake import cleaning, languages, uploads
from lti_tool.media.intake.cleaning import Outcome
from lti_tool.media.intake.ingest import Captions, Particulars, add_file
from lti_tool.media.intake.messages import sentence
from lti_tool.media.intake.probe import CannotExamine
from lti_tool.media.intake.problems import complaint
from lti_tool.media.rules import InvalidText
from lti_tool.people.models import Person
from lti_tool.people.persons import lms_person_id

commands = Blueprint("media_commands", __name__, cli_group="media")
commands.cli.help = "The media: put files in, look after what is kept."


@commands.cli.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--platform", required=True, help="Name of the registration the item belongs to.")
@click.option("--title", required=True)
@click.option("--owner-sub", help="The owner as the LMS calls them; without it, nobody owns it.")
@click.option("--description", default="", help="What the media page says below the title.")
@click.option("--tag", "tags", multiple=True, help="May be given several times.")
@click.option(
    "--captions",
    "captions_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A WebVTT or SRT file; its language is read from names such as talk.pt-BR.vtt.",
)
@click.option(
    "--captions-language",
    help="The language of captions whose name does not tell it for certain.",
)
@click.option("--downloadable/--not-downloadable", default=False, show_default=True)
def add(
    file: Path,
    platform: str,
    title: str,
    owner_sub: str | None,
    description: str,
    tags: tuple[str, ...],
    captions_files: tuple[Path, ...],
    captions_language: str | None,
    downloadable: bool,
) -> None:
    """Add FILE as a media item; its id is the last line printed.

    Any resource link of the registration may open the item.
    """
    registration = db.session.scalar(select(Registration).where(Registration.name == platform))
    if registration is None:
        _give_up(f"There is no platform called {platform}. See: flask platform list")
    owner_id, owner_name = _owner(registration, owner_sub)
    try:
        item = add_file(
            file,
            file.name,
            Particulars(
                institution_id=registration.institution_id,
                registration_id=registration.id,
                title=title,
                description=description,
                tags=tags,
                owner_person_id=owner_id,
                owner_name=owner_name,
                download_allowed=downloadable,
                open_to_links=True,
                captions=tuple(_captions(path, file, captions_language) for path in captions_files),
            ),
            OPERATOR,
        )
    except Refused as refusal:
        _give_up(f"{file.name}: {sentence(refusal)}")
    except CannotExamine:
        _give_up(f"{file.name}: files cannot be examined on this machine; the line above says why")
    except InvalidText as wrong:
        _give_up(f"--{wrong.field}: {complaint(wrong)}")
    click.echo(f"Added {item.kind} “{item.title}” for {platform}:")
    click.echo(item.id)


@commands.cli.command("purge")
def purge() -> None:
    """Remove for good what was deleted over 30 days ago, and what nobody needs any more.

    That is: uploads that were given up, stored files that belong to no item, and viewings and
    grants of 13 months ago.
    """
    click.echo(f"Removed {deleting.purge()} items and {uploads.purge()} unfinished uploads.")
    click.echo(f"Removed {orphans.sweep()} files that belonged to no item.")
    click.echo(f"Removed {plays.forget()} viewings and {access.forget()} grants.")


@commands.cli.command("clean")
@click.option("--again", is_flag=True, help="Look also into what was cleaned before.")
def clean(again: bool) -> None:
    """Take the private data out of films, sounds and documents that are stored already.

    What came in since Foyer does so by itself is looked into once more and stays as it is. It can
    be interrupted and started again; after an upgrade that takes more out, say --again. Items that
    could not be added today are named and left.
    """
    counts: Counter[Outcome] = Counter()
    try:
        for media_id, outcome in cleaning.clean(again=again):
            counts[outcome] += 1
            if outcome is Outcome.LEFT:
                click.echo(f"Left as it is: {media_id}")
    except CannotExamine:
        _give_up("Files cannot be examined on this machine; the line above says why")
    click.echo(
        f"Cleaned {counts[Outcome.CLEANED]} files; {counts[Outcome.CLEAN]} were clean, "
        f"{counts[Outcome.LEFT]} were left as they are."
    )


def _owner(registration: Registration, sub: str | None) -> tuple[str | None, str]:
    if sub is None:
        return None, ""
    if not sub.strip():
        _give_up("--owner-sub: must not be empty")
    with transaction() as session:
        person_id = lms_person_id(registration.institution_id, registration.id, sub)
        person = session.get(Person, person_id)
        return person_id, person.name if person else ""


def _captions(path: Path, film: Path, given: str | None) -> Captions:
    language = _language(path, film, given)
    if path.stat().st_size > rules.CAPTIONS_BYTES:
        _give_up(f"{path.name}: {sentence(Refused(Reason.TOO_LARGE))}")
    label = languages.label(language)
    click.echo(f"{path.name}: captions in {label} ({language})")
    return Captions(path.read_bytes(), language, label)


def _language(path: Path, film: Path, given: str | None) -> str:
    otherwise = None if given is None else languages.parse(given)
    if given is not None and otherwise is None:
        _give_up(f"--captions-language: “{given}” is no language such as en or pt-BR")
    why = "its name does not tell their language"
    try:
        otherwise = languages.of_filename(path.name, film.name) or otherwise
    except languages.UnknownLanguage as unclear:
        why = f"“{unclear}” in its name does not tell their language for certain"
    if otherwise is None:
        _give_up(
            f"{path.name}: {why}. Name it like talk.pt-BR.vtt, or say it with "
            "--captions-language pt-BR."
        )
    return otherwise


def _give_up(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(1)
