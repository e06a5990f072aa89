"""What the roles of a launch give, row by row of what the three big platforms send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.people.rules import (
    ADMINISTRATOR_SOURCES,
    Impersonation,
    Standing,
    course_standing,
    standing,
    standing_in,
)

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
COURSE = VOCABULARY + "membership"
AT_SCHOOL = VOCABULARY + "institution/person#"
IN_SYSTEM = VOCABULARY + "system/person#"
DEPRECATED = VOCABULARY + "person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

SAKAI = {
    "maintain": ([f"{COURSE}#Instructor"], Standing.MANAGER),
    "access": ([f"{COURSE}#Learner"], Standing.LEARNER),
    "teaching assistant": ([f"{COURSE}#Instructor#TeachingAssistant"], Standing.ASSISTANT),
    "mentor": ([f"{COURSE}#Mentor"], Standing.OBSERVER),
    "content developer": ([f"{COURSE}#ContentDeveloper"], Standing.DESIGNER),
    "admin": (
        [f"{COURSE}#Instructor", f"{AT_SCHOOL}Administrator", f"{IN_SYSTEM}Administrator"],
        Standing.ADMINISTRATOR,
    ),
    "superuser": (
        [f"{COURSE}#Instructor", f"{COURSE}#Administrator", f"{IN_SYSTEM}Administrator"],
        Standing.ADMINISTRATOR,
    ),
}

CANVAS = {
    "student": ([f"{COURSE}#Learner"], Standing.LEARNER),
    "teacher": ([f"{COURSE}#Instructor"], Standing.MANAGER),
    "assistant": (
        [f"{COURSE}/Instructor#TeachingAssistant", f"{COURSE}#Instructor"],
        Standing.ASSISTANT,
    ),
    "designer": ([f"{COURSE}#ContentDeveloper"], Standing.DESIGNER),
    "observer": ([f"{COURSE}#Mentor", f"{IN_SYSTEM}User"], Standing.OBSERVER),
    "test student": ([f"{COURSE}#Learner", TEST_USER], Standing.LEARNER),
    "group member": ([f"{COURSE}#Member"], Standing.LEARNER),
    "group leader": ([f"{COURSE}#Member", f"{COURSE}#Manager"], Standing.LEARNER),
    "an account and nothing else": ([f"{IN_SYSTEM}User"], Standing.NONE),
    "teacher elsewhere, student here": (
        [f"{AT_SCHOOL}Instructor", f"{COURSE}#Learner", f"{IN_SYSTEM}User"],
        Standing.LEARNER,
    ),
    "teacher elsewhere, nothing here": (
        [f"{AT_SCHOOL}Instructor", f"{IN_SYSTEM}User"],
        Standing.NONE,
    ),
    "student elsewhere, teacher here": (
        [f"{AT_SCHOOL}Student", f"{COURSE}#Instructor", f"{IN_SYSTEM}User"],
        Standing.MANAGER,
    ),
    "account administrator, not enrolled": (
        [f"{AT_SCHOOL}Administrator", f"{IN_SYSTEM}User"],
        Standing.ADMINISTRATOR,
    ),
    "site administrator": ([f"{IN_SYSTEM}SysAdmin"], Standing.ADMINISTRATOR),
    "nobody": ([f"{IN_SYSTEM}None"], Standing.NONE),
}

MOODLE = {
    "teacher": ([f"{COURSE}#Instructor"], Standing.MANAGER),
    "student": ([f"{COURSE}#Learner"], Standing.LEARNER),
    "administrator who may manage": (
        [f"{AT_SCHOOL}Administrator", f"{COURSE}#Instructor", f"{IN_SYSTEM}Administrator"],
        Standing.ADMINISTRATOR,
    ),
    "administrator who may not": (
        [f"{AT_SCHOOL}Administrator", f"{IN_SYSTEM}Administrator"],
        Standing.ADMINISTRATOR,
    ),
    "short names": (["Instructor"], Standing.MANAGER),
    "short learner": (["Learner"], Standing.LEARNER),
    "short name and administrator in the old form": (
        ["Instructor", f"{DEPRECATED}Administrator"],
        Standing.ADMINISTRATOR,
    ),
}

CERTIFICATION = {
    "instructor with roles": (
        [f"{COURSE}#Instructor", f"{AT_SCHOOL}Staff", f"{AT_SCHOOL}Other"],
        Standing.MANAGER,
    ),
    "learner with roles": (
        [f"{COURSE}#Learner", f"{AT_SCHOOL}Student", f"{AT_SCHOOL}Mentor"],
        Standing.LEARNER,
    ),
    "unknown role only": ([f"{VOCABULARY}unknown/unknown#Helper"], Standing.NONE),
    "learner and an unknown one": (
        [f"{COURSE}#Learner", f"{VOCABULARY}uknownrole/unknown#Unknown"],
        Standing.LEARNER,
    ),
    "one empty text": ([""], Standing.NONE),
    "nothing": ([], Standing.NONE),
}

OTHERS = {
    "short assistant": (["TeachingAssistant"], Standing.ASSISTANT),
    "short with sub-role": (["Instructor#TeachingAssistant"], Standing.ASSISTANT),
    "assistant of a section": (
        [f"{COURSE}/Instructor#TeachingAssistantSection"],
        Standing.ASSISTANT,
    ),
    "grader": ([f"{COURSE}/Instructor#Grader"], Standing.ASSISTANT),
    "primary instructor": ([f"{COURSE}/Instructor#PrimaryInstructor"], Standing.MANAGER),
    "guest learner": ([f"{COURSE}/Learner#GuestLearner"], Standing.LEARNER),
    "a learner's sub-role gives no teaching": ([f"{COURSE}/Learner#Instructor"], Standing.LEARNER),
    "manager of the course, in the vocabulary's words": ([f"{COURSE}#Manager"], Standing.NONE),
    "administrator as a membership": ([f"{COURSE}#Administrator"], Standing.NONE),
    "spaces around": ([f" {COURSE}#Instructor "], Standing.MANAGER),
    "another spelling": (["instructor"], Standing.NONE),
    "looks like a membership": (["http://attacker.example/membership#Instructor"], Standing.NONE),
    "begins like a membership": ([f"{COURSE}s#Instructor"], Standing.NONE),
    "LTI 1.1": (["urn:lti:role:ims/lis/Instructor"], Standing.NONE),
    "two standings": ([f"{COURSE}#Learner", f"{COURSE}#ContentDeveloper"], Standing.DESIGNER),
}

ROWS = [
    pytest.param(roles, given, id=f"{maker}: {name}")
    for maker, table in (
        ("sakai", SAKAI),
        ("canvas", CANVAS),
        ("moodle", MOODLE),
        ("certification", CERTIFICATION),
        ("others", OTHERS),
    )
    for name, (roles, given) in table.items()
]


@pytest.mark.parametrize(("roles", "expected"), ROWS)
def test_what_a_platform_sends(roles: list[str], expected: Standing) -> None:
    assert standing(roles, "institution_or_system") is expected


@pytest.mark.parametrize(
    ("roles", "system", "nobody"),
    [
        ([f"{AT_SCHOOL}Administrator"], Standing.NONE, Standing.NONE),
        ([f"{DEPRECATED}Administrator"], Standing.NONE, Standing.NONE),
        ([f"{IN_SYSTEM}Administrator"], Standing.ADMINISTRATOR, Standing.NONE),
        ([f"{IN_SYSTEM}SysAdmin"], Standing.ADMINISTRATOR, Standing.NONE),
        ([f"{AT_SCHOOL}Administrator", f"{COURSE}#Instructor"], Standing.MANAGER, Standing.MANAGER),
        ([f"{IN_SYSTEM}Administrator", "Learner"], Standing.ADMINISTRATOR, Standing.LEARNER),
    ],
)
def test_the_institution_says_who_is_administrator(
    roles: list[str], system: Standing, nobody: Standing
) -> None:
    assert standing(roles, "institution_or_system") is Standing.ADMINISTRATOR
    assert standing(roles, "system") is system
    assert standing(roles, "nobody") is nobody


def test_strength_orders_them() -> None:
    ordered = list(Standing)
    assert sorted(ordered, key=lambda one: one.strength, reverse=True) == ordered


ELSEWHERE = st.sampled_from(
    [
        AT_SCHOOL + name
        for name in ("Instructor", "Faculty", "Staff", "Student", "Mentor", "Observer", "Guest")
    ]
    + [IN_SYSTEM + name for name in ("User", "None", "AccountAdminX", "Creator")]
    + [DEPRECATED + name for name in ("Instructor", "Faculty")]
)
ANY_ROLE = st.one_of(
    st.text(max_size=60),
    ELSEWHERE,
    st.sampled_from([role for row in ROWS for role in row.values[0]]),
)
SOURCES = st.sampled_from(sorted(ADMINISTRATOR_SOURCES))


@given(st.lists(ELSEWHERE), SOURCES)
def test_roles_outside_the_course_never_give_power_in_it(roles: list[str], source: str) -> None:
    assert standing(roles, source) is Standing.NONE


@given(st.lists(ANY_ROLE), SOURCES)
def test_neither_order_nor_repetition_matters(roles: list[str], source: str) -> None:
    assert standing(roles, source) is standing([*reversed(roles), *roles], source)


@given(st.lists(st.text()), SOURCES)
def test_any_text_is_survived_and_only_the_exact_names_give_administration(
    roles: list[str], source: str
) -> None:
    given_standing = standing(roles, source)
    if given_standing is Standing.ADMINISTRATOR:
        assert {role.strip() for role in roles} & ADMINISTRATOR_SOURCES[source]


@given(st.lists(ANY_ROLE))
def test_with_nobody_as_administrator_there_is_none(roles: list[str]) -> None:
    assert standing(roles, "nobody") is not Standing.ADMINISTRATOR


@pytest.mark.parametrize("told", list(Standing))
def test_who_is_not_really_of_the_course_gets_no_more_than_that(told: Standing) -> None:
    assert standing_in(Impersonation.VISITOR, told) is Standing.NONE
    assert standing_in(Impersonation.STUDENT_VIEW, told) is Standing.LEARNER
    assert standing_in(Impersonation.ACTING_AS, told) is told
    assert standing_in(None, told) is told


def test_who_counts_among_the_people_of_a_course() -> None:
    counted = {one for one in (None, *Impersonation) if course_standing(one, Standing.LEARNER)}
    assert counted == {None, Impersonation.ACTING_AS}
    assert course_standing(None, Standing.MANAGER) is Standing.MANAGER
