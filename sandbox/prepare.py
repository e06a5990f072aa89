"""The first start: database, registrations, sample media. A later start finds it all done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.commands import CommandFailed, Commands
from sandbox.courses import FIRST_COURSE, SECOND_COURSE
from sandbox.endpoints import DEFAULT_PORT
from sandbox.platform import Platform
from sandbox.processes import StartFailed
from sandbox.profiles import PlainProfile
from sandbox.samples import SAMPLES, Sample
from sandbox.samples import make as make_samples
from sandbox.schools import School

OWNER = "instructor-1"


class PreparationFailed(StartFailed):
    """A step did not work; the text is what the tool said."""


@dataclass
class Preparation:
    """What has been done so far, kept in `<state>/prepared.json`.

    root         the repository, where the tool's commands run
    samples      the folder of the sample media
    environment  what the tool's commands are told
    platform     the sandbox, as it will run
    state        the sandbox's own folder
    """

    root: Path
    samples: Path
    environment: Mapping[str, str]
    platform: Platform
    state: Path
    media: dict[str, str] = field(default_factory=dict)
    finished: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            kept = json.loads((self.state / "prepared.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return
        self.media = dict(kept.get("media", {}))
        self.finished = dict(kept.get("finished", {}))

    @property
    def needed(self) -> bool:
        """Whether anything is left to do: new migrations, another database, a missing file."""
        return self._samples_missing or self.finished != self._surroundings()

    @property
    def _samples_missing(self) -> bool:
        names = [name for sample in SAMPLES for name in (sample.file, sample.captions) if name]
        return any(not (self.samples / name).exists() for name in names)

    def run(self) -> None:
        """Do what is left. Raises PreparationFailed. Can be interrupted and started again."""
        if not self.needed:
            return
        if self._samples_missing:
            _say("Making the sample media: a film, sounds, a guide, a picture (ten seconds)")
            make_samples(self.samples)
        _say(f"Preparing the database for {self.platform.profile.title}")
        try:
            with Commands(self.root, self.environment) as foyer:
                self._fill(foyer)
        except CommandFailed as failed:
            raise PreparationFailed(str(failed)) from failed
        self._write_links()
        self.finished = self._surroundings()
        self._keep()

    def _fill(self, foyer: Commands) -> None:
        foyer.run("db", "upgrade")
        known = foyer.run("platform", "list")
        for school in self.platform.schools:
            self._register(foyer, school, known)
        for school, sample in self._wanted():
            self._add(foyer, school, sample)

    def _register(self, foyer: Commands, school: School, known: str) -> None:
        registration = self.platform.registration(school)
        name = self.registered_name(school)
        if any(
            {registration.issuer, registration.client_id} <= set(line.split())
            for line in known.splitlines()
        ):
            return
        _say(f"Introducing {name} to Foyer")
        # A new registration has no media yet, whatever an older database had.
        self.media = {key: v for key, v in self.media.items() if not key.startswith(school.key)}
        foyer.run(
            *("platform", "add", "--name", name, "--family", registration.family),
            # Schools of the same name on several platforms are several schools.
            *("--institution", school.name if registration.family == "other" else name),
            *("--issuer", registration.issuer, "--client-id", registration.client_id),
            *("--auth-url", registration.auth_url, "--token-url", registration.token_url),
            *("--jwks-url", registration.jwks_url, "--deployment", registration.deployment_id),
            *("--frame-origin", registration.frame_origin),
        )

    def _add(self, foyer: Commands, school: School, sample: Sample) -> None:
        key = f"{school.key}/{sample.file}"
        if key in self.media:
            return
        _say(f"Adding “{sample.title}” for {school.name}")
        captions = self.samples / sample.captions if sample.captions else None
        said = foyer.run(
            *("media", "add", str(self.samples / sample.file)),
            *("--platform", self.registered_name(school), "--title", sample.title),
            *("--owner-sub", self.platform.sub_of(OWNER, school)),
            *("--description", sample.about),
            *(("--downloadable",) if sample.downloadable else ()),
            *(("--captions", str(captions)) if captions else ()),
        )
        lines = said.split()
        if not lines:
            raise PreparationFailed("`media add` did not print the new item's id.")
        self.media[key] = lines[-1]
        self._keep()

    def registered_name(self, school: School) -> str:
        """Return the school's name in the tool; a sandbox at another address is another LMS."""
        profile = self.platform.profile
        product = "" if profile.title in (PlainProfile.title, school.name) else profile.title
        usual = profile.sites(DEFAULT_PORT).schools[0]
        at = self.platform.base_url
        elsewhere = "" if at == usual else at.removeprefix("http://")
        more = " at ".join(part for part in (product, elsewhere) if part)
        return f"{school.name} ({more})" if more else school.name

    def _wanted(self) -> list[tuple[School, Sample]]:
        """Return the film for every school; the plain platform's first school has everything."""
        first, *others = self.platform.schools
        if self.platform.profile.name == "certifier":
            return []
        everything = SAMPLES if self.platform.profile.name == "plain" else SAMPLES[:1]
        return [
            *((first, sample) for sample in everything),
            *((school, SAMPLES[0]) for school in others),
        ]

    def _write_links(self) -> None:
        entries = []
        for school, sample in self._wanted():
            entry = {
                "title": sample.title,
                "media_id": self.media[f"{school.key}/{sample.file}"],
                "kind": sample.kind,
                "school": school.key,
            }
            entries.append({**entry, "course": FIRST_COURSE.id})
            if sample is SAMPLES[0]:
                # The same item in two courses: who may do what depends on the course.
                entries.append({**entry, "course": SECOND_COURSE.id})
        _write_json(self.state / "links.json", entries)

    def _keep(self) -> None:
        _write_json(self.state / "prepared.json", {"media": self.media, "finished": self.finished})

    def _surroundings(self) -> dict[str, Any]:
        """Tell what makes a new preparation necessary when it changes."""
        versions = self.root / "migrations" / "versions"
        url = self.environment.get("FOYER_DATABASE_URL") or (
            f"sqlite:///{self.root / 'var' / 'foyer.sqlite3'}"
        )
        file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        return {
            "migrations": sorted(path.name for path in versions.glob("*.py")),
            "database": url,
            "database_file": not file or Path(file).exists(),
            "tool": self.platform.tool_url,
        }


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def _say(text: str) -> None:
    print(f"  {text} …", flush=True)
