"""LTI Advantage services: access tokens, NRPS, AGS, Deep Linking and Dynamic Registration.

They are the attribute `services` of a `Platform`. How they behave follows the product that the
platform plays, chosen by its profile's name (`sandbox.services.product_profiles`): "sakai",
"canvas", "moodle", "certifier"; any other plays "plain", which does what the texts of the standard
say.

    platform = Platform("http://127.0.0.1:8000", profile=…)
    with running(platform):
        services = platform.services
        services.token_url("northfield")                  # Sakai's has the tool's number in it
        services.memberships_url("201", "northfield")     # as the launch claims name them
        services.lineitems_url("201", "northfield")

A school is named by its key or given as School, a course by its id or as Course; without one the
first is meant. Every address of a service names its school, and in capital letters (but not
Moodle's and Canvas's, which count): one in small letters finds nothing.

**Calls.** `services.calls` lists what came in, oldest first: `Call(service, method, url, accept,
content_type, client_id, scopes, status)`. A service is "token", "memberships", "lineitems",
"lineitem", "scores", "results", "configuration" or "registration".

**Tokens.** `platform.access_tokens` are those that were granted. `services.revoke_tokens()` makes
them all worth nothing, as after an hour. `services.permit("northfield", [scope, …])` limits what a
tool may ask for. `platform.fetch_tool_keys = lambda: {"keys": […]}` stands in for a tool that does
not listen on a socket.

**Rosters.** `services.enlarge("201", 20_000)` fills a course with made-up people;
`services.empty("201")` leaves nobody in it; `services.hire("201", user, Role.STUDENT)` adds one,
`services.leave("201", "student-1")` takes one out. What is told of a person is what a launch tells.

**Grades.** `services.gradebook("201", "northfield")` has `items` (by id) and `results` (by line
item id and sub); `couple(link, label=…, maximum=…)` makes the column of an activity, whose launches
then name it.

**Dialogs.** `platform.launch(client, "instructor-1", how={"placement": …})` opens one.
`services.returned` lists what came back: `Returned(dialog, claims, items, refusal, notices, links,
message, error)`. `links` are the activities made of it, which can be launched at once; `refusal`
says why the product did not take it ("" if it did); `notices` what is against the standard without
mattering to this product: a good tool leaves it empty. `cancelled` is a dialog that was answered
with an empty list.

**Registration.** `pressed = services.registrar.begin("northfield")` is an administrator's press of
"Register a tool"; `pressed.url` is the tool's page with all that belongs to it. Once the tool has
registered itself, `pressed.tool` is its registration and `services.registrar.finish(pressed)`
saves, installs or activates it: `platform.registration()` and the launches of that school are from
then on those of the new one. `begin(…, update=True)` renews the one in use. For people the same is
at `/admin/tools`.

**Certification.** `services.checklist()` gives a `Check(section, name, passed, seen)` for each line
of the guide's sections 6.2 to 6.4, from what was seen of the tool; `passed` is None until then. For
people the same is at `/certification`.

**Faults.** `services.faults.add("memberships", 401)` lets the next answer of a service be that
status; `times=3` the next three, `times=None` all. Besides statuses: "slow" (one byte now and then,
until `services.faults.release()`), "cut" (the answer breaks off), "not json", "huge" (8 MiB),
"redirect" (with `to=`), "endless" (every page names a next one) and "foreign next" (the next page
is on another host: `to=`). `services.faults.clear()` ends them.
"""

from sandbox.services.call_log import Call
from sandbox.services.services import Services

__all__ = ["Call", "Services"]
