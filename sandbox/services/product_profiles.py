"""Product profiles: how one product's services differ from another's, one object each."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.services import scopes
from sandbox.services.dialogs import (
    CanvasDeepLinking,
    DeepLinking,
    MoodleDeepLinking,
    SakaiDeepLinking,
)
from sandbox.services.grades import (
    CanvasGrades,
    CertifierGrades,
    Grades,
    MoodleGrades,
    SakaiGrades,
)
from sandbox.services.registries import (
    CanvasRegistry,
    MoodleRegistry,
    Registry,
    SakaiRegistry,
)
from sandbox.services.rosters import (
    CanvasRosters,
    CertifierRosters,
    MoodleRosters,
    Rosters,
    SakaiRosters,
)
from sandbox.services.tokens import TokenRules


@dataclass(frozen=True)
class Routes:
    """Where the services are, in the words of `sandbox.services.service_urls`."""

    memberships: str = "/services/<school>/<course>/members"
    lineitems: str = "/services/<school>/<course>/lineitems"
    lineitem: str = "/services/<school>/<course>/lineitems/<int:item>"


@dataclass(frozen=True)
class ProductProfile:
    """What the services of one product are.

    name     of the product
    scopes   what a tool may ask for, unless the platform is told otherwise
    bearer_refused, scope_refused  the statuses at a service for a bad token, a missing scope
    """

    name: str
    routes: Routes = field(default_factory=Routes)
    tokens: TokenRules = field(default_factory=TokenRules)
    rosters: Rosters = field(default_factory=Rosters)
    grades: Grades = field(default_factory=Grades)
    deep_linking: DeepLinking = field(default_factory=DeepLinking)
    registry: Registry = field(default_factory=Registry)
    scopes: frozenset[str] = scopes.ALL
    bearer_refused: int = 401
    scope_refused: int = 403


PLAIN = ProductProfile("plain")
CERTIFIER = ProductProfile(
    "certifier",
    routes=Routes(
        memberships="/ltitool/namesandroles.html?memberships=<course>",
        lineitems="/ltitool/rest/assignmentsgrades/<course>/lineitems",
        lineitem="/ltitool/rest/assignmentsgrades/<course>/lineitems/<int:item>",
    ),
    rosters=CertifierRosters(),
    grades=CertifierGrades(),
    scopes=scopes.ALL - {scopes.LINEITEM_READ},
)
SAKAI = ProductProfile(
    "sakai",
    routes=Routes(
        memberships="/imsblis/lti13/namesandroles/<site>",
        lineitems="/imsblis/lti13/lineitems/<site>",
        lineitem="/imsblis/lti13/lineitems/<site>/<int:item>",
    ),
    tokens=TokenRules(
        path="/imsblis/lti13/token/<int:tool>",
        all_or_nothing=True,
        refusal=400,
    ),
    rosters=SakaiRosters(),
    grades=SakaiGrades(),
    deep_linking=SakaiDeepLinking(),
    registry=SakaiRegistry(),
    bearer_refused=403,
    scope_refused=400,
)
CANVAS = ProductProfile(
    "canvas",
    routes=Routes(
        memberships="/api/lti/courses/<int:shard>/names_and_roles",
        lineitems="/api/lti/courses/<int:shard>/line_items",
        lineitem="/api/lti/courses/<int:shard>/line_items/<int:item>",
    ),
    tokens=TokenRules(
        path="/login/oauth2/token",
        all_or_nothing=True,
        host_is_audience=True,
        checks_issuer=False,
        refuses_replay=False,
        oldest=300,
        leeway=30,
    ),
    rosters=CanvasRosters(),
    grades=CanvasGrades(),
    deep_linking=CanvasDeepLinking(),
    registry=CanvasRegistry(),
    scope_refused=401,
)
MOODLE = ProductProfile(
    "moodle",
    routes=Routes(
        memberships=(
            "/mod/lti/services.php/CourseSection/<int:number>/bindings/<int:tool>/memberships"
        ),
        lineitems="/mod/lti/services.php/<int:number>/lineitems?type_id=<tool>",
        lineitem=(
            "/mod/lti/services.php/<int:number>/lineitems/<int:item>/lineitem?type_id=<tool>"
        ),
    ),
    tokens=TokenRules(
        path="/mod/lti/token.php",
        required=("sub",),
        checks_audience=False,
        checks_issuer=False,
        refuses_replay=False,
        refusal=400,
    ),
    rosters=MoodleRosters(),
    grades=MoodleGrades(),
    deep_linking=MoodleDeepLinking(),
    registry=MoodleRegistry(),
    scope_refused=401,
)

PRODUCTS = {product.name: product for product in (PLAIN, SAKAI, CANVAS, MOODLE, CERTIFIER)}


def product_profile(name: str) -> ProductProfile:
    """Return the product of this name; the plain one for a name that is not known."""
    return PRODUCTS.get(name, PLAIN)
