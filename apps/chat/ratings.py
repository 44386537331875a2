"""What people think of answers, read. Each verdict is its giver's own: nobody else is shown it."""

from collections.abc import Collection, Mapping
from uuid import UUID

from apps.chat.models import Feedback
from apps.domain.ids import TenantId, UserId


def given_by(*, tenant: TenantId, user: UserId, messages: Collection[UUID]) -> Mapping[UUID, str]:
    """This person's own verdicts (`up`, `down`) on these messages, by message. One query, none without messages."""
    if not messages:
        return {}
    rows = Feedback.objects.for_tenant(tenant).filter(user_id=user, message_id__in=messages)
    return dict(rows.values_list("message_id", "verdict"))
