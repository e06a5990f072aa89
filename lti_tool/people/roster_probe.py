"""Tries an LMS, with the course that was opened last."""

from __future__ import annotations

from collections.abc import Iterator

import click
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.lti.diagnostics import Finding, KnownRoster, walk
from lti_tool.lti.registration.display_names import legible
from lti_tool.lti.registrations import by_name
from lti_tool.people.models import Course, Membership


def check(name: str) -> None:
    """Print each step.

    Raises click's exception when one failed, or RegistrationError.
    """
    row = by_name(name)
    found = _show(walk(row, latest_roster(row.id)))
    failed = sum(finding.fault is not None for finding in found)
    if failed:
        raise click.ClickException(f"{failed} of {len(found)} steps failed.")
    click.echo("Nothing is wrong.")


def _show(findings: Iterator[Finding]) -> list[Finding]:
    """Print each finding as soon as it is there: the next one may take a while."""
    shown = []
    for finding in findings:
        mark = "FAIL" if finding.fault is not None else "OK" if finding.tried else "--"
        told = finding.fault or finding.told
        click.echo(f"{mark:4}  {finding.step}: {legible(told)}")
        for note in finding.notes:
            click.echo(f"      {note}")
        shown.append(finding)
    return shown


def latest_roster(registration_id: str) -> KnownRoster | None:
    """Find the course that somebody opened last, of those that told where their list is."""
    found = db.session.execute(
        select(Course.title, Course.memberships_url)
        .outerjoin(Membership, Membership.course_id == Course.id)
        .where(Course.registration_id == registration_id, Course.memberships_url.is_not(None))
        .order_by(Membership.seen_at.desc().nulls_last())
        .limit(1)
    ).first()
    return KnownRoster(found.title, found.memberships_url) if found else None
