"""The last look before a connection is opened: may text with this label go to this destination? Pure (promise P18)."""

from dataclasses import dataclass

from apps.domain.catalogue import Hosting
from apps.domain.errors import OpenRouteError
from apps.domain.privacy import PrivacyAction, Sensitivity


class EgressRefused(OpenRouteError):
    """The label or the policy of this moment forbids the destination. Nothing was sent."""

    code, status = "refused_by_policy", 403


@dataclass(frozen=True, slots=True)
class Destination:
    """Where text is about to go. `name` is the provider's or the mirror's, for the record."""

    name: str
    hosting: Hosting


@dataclass(frozen=True, slots=True)
class Clearance:
    """What travels with a call: the label of what is really sent, and whether masking removed every finding.

    `masked` is True only when the masked text was inspected again and found clean.
    """

    sensitivity: Sensitivity
    masked: bool = False


def check(clearance: Clearance, destination: Destination, action: PrivacyAction) -> None:
    """Raise `EgressRefused` unless the text may go there under the policy of this moment.

    Args:
        clearance: the label of the text that is about to be sent.
        destination: hosting as the operator has marked it now, not as it was when the decision was taken.
        action: what the tenant's current policy does with sensitive text.
    """
    label = clearance.sensitivity
    if label.must_stay_inside and action is PrivacyAction.REFUSE:
        raise EgressRefused("The policy does not allow private text to be sent to any model.")
    if destination.hosting is Hosting.SELF_HOSTED or not label.must_stay_inside:
        return
    if label is Sensitivity.SENSITIVE and clearance.masked and action is PrivacyAction.MASK:
        return
    raise EgressRefused(f"Private text may not go to {destination.name}, which is outside the company.")
