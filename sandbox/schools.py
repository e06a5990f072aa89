"""The two schools (tenants): one issuer, two client ids, the same ids inside. Nothing crosses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.people import Unknown, User, roster


@dataclass(frozen=True)
class School:
    """One institution of the platform, known to the tool by its client id."""

    key: str
    name: str
    client_id: str
    deployment_id: str
    people: tuple[User, ...]

    def user(self, user_id: str) -> User:
        """Return the person with this id. Raises Unknown."""
        for person in self.people:
            if person.id == user_id:
                return person
        raise Unknown(f"nobody is called {user_id} at {self.name}")


NORTHFIELD = School(
    key="northfield",
    name="Northfield University",
    client_id="sandbox-northfield",
    deployment_id="1",
    people=roster(
        (
            "Maria Santos",
            "David Okafor",
            "Lena Fischer",
            "Amir Haddad",
            "Chloe Martin",
            "Kenji Watanabe",
            "Ruth Becker",
        ),
        "northfield.example",
    ),
)
SOUTHGATE = School(
    key="southgate",
    name="Southgate College",
    client_id="sandbox-southgate",
    deployment_id="1",
    people=roster(
        (
            "Paulo Ferreira",
            "Nadia Rahman",
            "Tom Novak",
            "Ines Moreau",
            "Omar Diallo",
            "Sofia Rossi",
            "Grace Lindqvist",
        ),
        "southgate.example",
    ),
)


def two_schools(first_client_id: str = "", second_client_id: str = "") -> tuple[School, School]:
    """Both schools, with other client ids where given."""
    return (
        replace(NORTHFIELD, client_id=first_client_id or NORTHFIELD.client_id),
        replace(SOUTHGATE, client_id=second_client_id or SOUTHGATE.client_id),
    )
