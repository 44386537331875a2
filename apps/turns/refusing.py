"""Why a question is not sent to any model, in words for people."""

from apps.domain.decision import ContextTooLong, NoPermittedModel
from apps.domain.errors import OpenRouteError
from apps.domain.privacy import Inspection, PrivacyAction, Sensitivity
from apps.domain.sentences import say

UNCHECKED = "be checked for private data, and no model inside the company"


class RefusedByPolicy(OpenRouteError):
    """The policy's action for private text is `refuse`."""

    code, status = "refused_by_policy", 403


PICTURE = "A picture cannot be checked, and no model inside the company that can see is available. Ask without it."


class ClassificationUnavailable(OpenRouteError):
    """The text could not be classified, and no model inside the company may answer it."""

    code, status = "classification_unavailable", 503


def check_action(action: PrivacyAction, inspection: Inspection) -> None:
    """Private text is not sent where the policy says `refuse`.

    Raises:
        RefusedByPolicy: something private was found.
        ClassificationUnavailable: the text could not be checked.
    """
    if not inspection.sensitivity.must_stay_inside or action is not PrivacyAction.REFUSE:
        return
    if inspection.sensitivity is Sensitivity.UNCLASSIFIED:
        raise ClassificationUnavailable(
            say("not_checked", "The text could not be checked for private data, so it was not sent.")
        )
    found = sorted(name for name, _ in inspection.entities)
    template = "Your company's policy does not allow private data ({kinds}) to be sent to a model."
    raise RefusedByPolicy(say("private_refused", template, kinds=", ".join(found), types=found))


def explained(error: OpenRouteError, inspection: Inspection) -> OpenRouteError:
    """Nothing inside may answer what could not be classified: a fault of ours, unless the text is simply too long."""
    if not isinstance(error, NoPermittedModel) or inspection.sensitivity is not Sensitivity.UNCLASSIFIED:
        return error
    if inspection.why == "too_long":
        return ContextTooLong(say("too_long_to_check", f"The text is too long to {UNCHECKED} can take it."))
    if inspection.why == "image":
        return ClassificationUnavailable(say("picture_nobody_inside", PICTURE))
    not_checked = f"The text could not {UNCHECKED} is available to answer it."
    return ClassificationUnavailable(say("not_checked_nobody_inside", not_checked))
