"""The OAuth 2 scopes of the LTI Advantage services."""

from __future__ import annotations

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"

LINEITEM = _AGS + "lineitem"
LINEITEM_READ = _AGS + "lineitem.readonly"
RESULT_READ = _AGS + "result.readonly"
SCORE = _AGS + "score"
MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

GRADES = (LINEITEM, LINEITEM_READ, RESULT_READ, SCORE)
ALL = frozenset({*GRADES, MEMBERSHIPS})

NAMES = {
    MEMBERSHIPS: "See who is in a course",
    LINEITEM: "Make and change gradebook columns",
    LINEITEM_READ: "See gradebook columns",
    SCORE: "Report scores",
    RESULT_READ: "See results",
}
"""In the words of an administrator's page."""
