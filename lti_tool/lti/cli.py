"""``flask platform`` and ``flask keys``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from lti_tool.core.audit import OPERATOR, record
from lti_tool.core.clock import now
from lti_tool.core.db.session import transaction
from lti_tool.core.web.urls import external_url
from lti_tool.lti import deployments, keys, platform_files, registrations
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.new_registration import NewRegistration, RegistrationError
from lti_tool.lti.platforms import FAMILIES
from lti_tool.lti.published_issuer import is_doubtful, mistaken_issuer, published_issuer
from lti_tool.lti.registration import cli as registration_cli
from lti_tool.lti.registration.approval_queue import asked_hosts
from lti_tool.lti.registration.display_names import hosts, legible, plain, portrait
from lti_tool.lti.registrations import Loaded
from lti_tool.lti.rules import SigningKey, published_keys, signing_key
from lti_tool.lti.tenants import confused_ones

platform_group = AppGroup("platform", help="The LMSs that know this tool.")
keys_group = AppGroup("keys", help="The keys that sign what the tool sends to an LMS.")


def install(app: Flask) -> None:
    registration_cli.install(platform_group)
    app.cli.add_command(platform_group)
    app.cli.add_command(keys_group)


@platform_group.command("add")
@click.option("--name", required=True, help="Your own short name for this LMS.")
@click.option("--family", type=click.Choice(FAMILIES), required=True)
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True)
@click.option("--token-url", required=True)
@click.option("--jwks-url", required=True)
@click.option("--deployment", "deployments", multiple=True, help="A deployment id; repeatable.")
@click.option("--auth-audience", help="Audience of token requests, where it is not the token URL.")
@click.option("--accept-new-deployments", is_flag=True, help="Let unknown deployments in.")
@click.option(
    "--frame-origin",
    "frame_origins",
    multiple=True,
    help="An address that may show Foyer in a frame; repeatable.",
)
@click.option("--institution", default="", help="The name people see; default: the short name.")
def add(**options: object) -> None:
    """Register an LMS."""
    values = {
        name: tuple(value) if isinstance(value, list | tuple) else value
        for name, value in options.items()
    }
    try:
        with _telling_whom_it_stops():
            row = registrations.add(
                NewRegistration(**values),  # type: ignore[arg-type]
                current_app.extensions["foyer.http"].policy,
            )
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{row.name} is registered.")
    _doubt_issuer(row)
    _tell_of_no_deployment(row)
    _echo_addresses()


def _doubt_issuer(row: Registration) -> None:
    """Warn the operator of an issuer that no login will name, where it looks like one."""
    if not is_doubtful(row.issuer):
        return
    platform = registrations.as_platform(row)
    published = published_issuer(platform, current_app.extensions["foyer.http"])
    mistake = mistaken_issuer(platform, published)
    if published is None:
        mistake = "The issuer ends with a slash, as hardly any LMS's does: compare it there."
    if mistake:
        click.echo(f"Warning: {mistake}", err=True)


def _tell_of_no_deployment(row: Registration) -> None:
    """Warn the operator of an LMS of which no launch will be let in."""
    if row.accept_new_deployments or registrations.deployments_of(row.id):
        return
    click.echo(
        "Warning: no deployment is let in yet. The first launch from each is refused and noted:"
        f" platform show {quote(row.name)} then tells its id, and how to let it in.",
        err=True,
    )


@contextmanager
def _telling_whom_it_stops() -> Iterator[None]:
    """Warn the operator whom a change stops.

    What an operator writes is meant, also where it ends what is signed for another LMS.
    """
    before = confused_ones()
    yield
    names = {row.id: row.name for row in registrations.all_registrations()}
    for row_id, why in confused_ones().items():
        if row_id not in before:
            name = names[row_id]
            click.echo(
                f"Warning: from now on nothing is signed for {name}, because its {why.part} is "
                f"also that of {why.other.name}: platform check {name}",
                err=True,
            )


@platform_group.command("load")
def load() -> None:
    """Bring in what is written in the platforms folder of the configuration."""
    folder = current_app.extensions["foyer.config"].config_dir / "platforms"
    done = 0
    try:
        with _telling_whom_it_stops():
            policy = current_app.extensions["foyer.http"].policy
            for loaded in platform_files.apply_all(folder, policy):
                _echo_loaded(loaded)
                done += 1
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    if not done:
        click.echo(f"{folder} holds no *.toml file.")


def _echo_loaded(loaded: Loaded) -> None:
    if loaded.added:
        click.echo(f"{loaded.name}: registered")
        _tell_of_no_deployment(registrations.by_name(loaded.name))
    elif loaded.changed:
        click.echo(f"{loaded.name}: updated ({', '.join(loaded.changed)})")
    else:
        click.echo(f"{loaded.name}: unchanged")
    for deployment_id in loaded.unwritten:
        click.echo(
            f"  deployment {deployment_id} is not in the file and is still let in; to end that: "
            f"platform disable {loaded.name} --deployment {deployment_id}"
        )


@platform_group.command("list")
def list_all() -> None:
    """List the registered LMSs, those that registered themselves with their hosts first."""
    rows = registrations.all_registrations()
    if not rows:
        click.echo("No LMS is registered yet: flask platform code, or platform add", err=True)
    asked = asked_hosts([row.id for row in rows])
    confused = confused_ones()
    for row in rows:
        told = "  ".join(map(plain, (row.family, row.issuer, row.client_id)))
        if row.self_registered:
            told = f"{' '.join(hosts(asked.get(row.id), row))}  it says: {told}"
        unsigned = "  (nothing is signed for it: platform check)" if row.id in confused else ""
        click.echo(f"{legible(row.name)}  {told}{_state_of(row)}{unsigned}")


def _state_of(row: Registration) -> str:
    if row.awaiting_approval:
        return "  (awaiting approval)"
    return "" if row.enabled else "  (switched off)"


@platform_group.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show one LMS and the addresses to enter there."""
    try:
        row = registrations.by_name(name)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"institution: {legible(registrations.institution_of(row))}")
    for line in portrait(asked_hosts([row.id]).get(row.id), row):
        click.echo(line)
    click.echo(f"enabled: {'yes' if row.enabled else 'no'}")
    if row.awaiting_approval:
        click.echo(f"awaiting approval: platform approve {name}, or platform refuse {name}")
    click.echo(f"accepts new deployments: {'yes' if row.accept_new_deployments else 'no'}")
    click.echo(f"may frame us: {', '.join(registrations.as_platform(row).frame_origins)}")
    for deployment in registrations.deployments_of(row.id):
        click.echo(f"deployment: {deployment.deployment_id}{_state(deployment)}")
        if deployment.waiting:
            click.echo(
                f"  to let it in: platform add-deployment {name} {quote(deployment.deployment_id)}"
            )
    _echo_addresses()


def _state(deployment: Deployment) -> str:
    if deployment.waiting:
        return f"  (waiting since {deployment.created_at:%Y-%m-%d %H:%M} UTC)"
    return "" if deployment.enabled else "  (switched off)"


@platform_group.command("add-deployment")
@click.argument("name")
@click.argument("deployment")
def add_deployment(name: str, deployment: str) -> None:
    """Let one more deployment of an LMS in."""
    try:
        changed = deployments.add_deployment(name, deployment)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    was = "is let in from now on" if changed else "was let in already"
    click.echo(f"Deployment {deployment.strip()} of {name} {was}.")


def _echo_addresses() -> None:
    click.echo("Enter these in the LMS:")
    click.echo(f"  login (OIDC initiation): {external_url('/lti/login')}")
    click.echo(f"  launch and redirect:     {external_url('/lti/launch')}")
    click.echo(f"  public keys (JWKS):      {external_url('/lti/jwks.json')}")


@keys_group.command("list")
def list_keys() -> None:
    """List the signing keys."""
    held = keys.tool_keys().ensure()
    signing = signing_key(held, now())
    for key in published_keys(held, now()):
        use = "signs" if key == signing else "published"
        click.echo(f"{key.id}  made {_made(key)}  {use}")


def _made(key: SigningKey) -> str:
    return "at the first start" if keys.is_first(key) else f"{key.made_at:%Y-%m-%d %H:%M} UTC"


@keys_group.command("rotate")
def rotate() -> None:
    """Make a new signing key.

    It signs from one hour on; the old one stays published two days.
    """
    key_id, removed = keys.rotate()
    with transaction():
        record("keys.rotated", institution_id=None, actor=OPERATOR, made=key_id, removed=removed)
    click.echo(f"{key_id} is made and published; it signs from one hour on.")
    for gone in removed:
        click.echo(f"{gone} is removed.")
