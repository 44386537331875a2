"""The published list of audited events. What is not in it cannot be written: an unknown kind is a defect. What is in
it is written somewhere: a feature brings its kinds along, and `tests/architecture` finds those without a writer.

A kind is `noun.verb`, in the past tense. The same refusal of the same person within a minute may be one entry whose
body carries `count` (promise P24). Bodies hold ids, counts and short enumerations only; see `hygiene`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from apps.domain.errors import OpenRouteError


class UnknownKind(OpenRouteError):
    """A caller used a kind that is not published here. The act it belongs to is refused (promise P26)."""

    code, status = "audit_unknown_kind", 500

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind!r} is no published kind of audit event: add it to apps/audit/kinds.py.")


KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # one question and its answer
        "turn.dispatched": "A question is about to be sent to a model; decision and reservation are on record.",
        "turn.extended": "A further attempt of a turn is about to be sent to another model.",
        "turn.completed": "A turn ended with a whole answer; its cost is settled.",
        "turn.stopped": "A turn was stopped by its reader; what was produced is settled.",
        "turn.failed": "A turn ended without a whole answer; what was produced is settled.",
        "turn.refused": "A question was refused before anything was sent, by privacy, policy or budget.",
        "turn.swept": "A turn whose process had died was closed by the sweeper.",
        "request.refused": "Requests were refused from what the process knows: rate limit, unknown model, scope.",
        # how people and programs prove who they are
        "session.started": "A person signed in.",
        "session.refused": "A sign-in failed: wrong password, unknown or inactive person, locked account.",
        "session.ended": "A person signed out, or sessions were ended by somebody else.",
        "account.locked": "Too many failed sign-ins locked an account for a while.",
        "password.changed": "A password was set, changed or reset.",
        "key.issued": "An API key was issued.",
        "key.rotated": "An API key was replaced; the old one stays valid for the overlap.",
        "key.revoked": "An API key was revoked.",
        "key.refused": "A request carried an unknown, expired or revoked key.",
        # who exists and where they belong
        "tenant.created": "A company was created.",
        "tenant.changed": "Name, time zone, models or limits of a company changed.",
        "tenant.suspended": "A company was suspended: nobody of it can act.",
        "tenant.resumed": "A suspended company may act again.",
        "team.created": "A team was created.",
        "team.changed": "Name, models or limits of a team changed.",
        "team.suspended": "A team was suspended.",
        "team.resumed": "A suspended team may act again.",
        "user.created": "A person was created.",
        "user.changed": "Name, e-mail or language of a person changed.",
        "user.activated": "A deactivated person may act again.",
        "user.deactivated": "A person was deactivated: sessions, keys and streams end.",
        "role.changed": "The role of a person changed.",
        "membership.changed": "The teams of a person, or the administration of a team, changed.",
        "operator.created": "An operator of the installation was created.",
        "permission.refused": "Somebody asked for an operation that his role does not permit.",
        # what is allowed and what it may cost
        "policy.changed": "A new version of the policy is in force.",
        "policy.proposed": "A change that needs a second person was proposed.",
        "policy.confirmed": "A second person confirmed a proposed change.",
        "policy.rejected": "A proposed change was rejected or withdrawn.",
        "exception.asked": "The author of a private question asked compliance to declare it not private.",
        "exception.read": "A compliance officer read a question, because its author asked for an exception.",
        "exception.granted": "Compliance declared a question not private, until the time that is named.",
        "exception.refused": "Compliance refused an exception: the question stays private.",
        "exception.ended": "An exception was withdrawn or ended, by a person or by its time.",
        "budget.created": "A budget was created.",
        "budget.changed": "A limit was raised or lowered.",
        "budget.removed": "A budget was removed.",
        "provider.created": "A provider was added to the catalogue.",
        "provider.changed": "Address, hosting, credentials or time-outs of a provider changed.",
        "provider.removed": "A provider was removed from the catalogue.",
        "model.created": "A model was added to the catalogue.",
        "model.changed": "Price, size, hosting or capabilities of a model changed.",
        "model.removed": "A model was removed from the catalogue.",
        "configuration.applied": "A configuration file was applied.",
        # content and its readers
        "conversation.titled": "A conversation got a title, by its owner or by a background turn.",
        "conversation.changed": "A conversation was archived, restored, moved or tagged.",
        "conversation.deleted": "A conversation was deleted.",
        "conversation.exported": "A person took a conversation, or all of their own, away as a file; with the counts.",
        "attachment.added": "A person uploaded a file for a question; kind and size are told, not name or content.",
        "attachment.removed": "A person removed an uploaded file that no question had taken.",
        "conversation.shared": "A conversation was opened to a colleague or a team, to read.",
        "conversation.unshared": "A colleague or a team may not read a conversation any more.",
        "feedback.given": "A person rated an answer.",
        # evaluations
        "suite.uploaded": "A suite of questions was uploaded, or a new version of it.",
        "run.started": "A run of a suite was started, or set going again, with a budget.",
        "run.ended": "A run of a suite was completed, paused or stopped, or has failed; with its counts and cost.",
        "schedule.changed": "The schedule of canary questions was changed.",
        "drift.found": "A model answered its canary questions as it hardly ever would unchanged.",
        "drift.acknowledged": "Somebody acknowledged that a model has changed.",
        # the record itself
        "audit.read": "Somebody read the audit trail.",
        "audit.exported": "The audit trail was exported.",
        "egress.drilled": "The installation tried to send private text outside; `passed` says whether none got there.",
        "audit.verified": "The audit trail was verified; `intact` says with which result.",
    }
)


def check(kind: str) -> str:
    """The kind itself. Raises `UnknownKind` unless it is published."""
    if kind not in KINDS:
        raise UnknownKind(kind)
    return kind
