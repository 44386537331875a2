"""A person who is erased leaves what models were like, and no way back from there to what the person asked."""

from apps.domain.ids import TenantId, UserId
from apps.operations.learning import reading
from apps.routing import services as routing
from apps.turns import learning as turns


class LearningEraser:
    """The eraser of what was learnt (see `domain.registry.Eraser`)."""

    name = "learning"

    def erase_user(self, tenant: TenantId, user: UserId) -> int:
        """Cut the link from observations to the person's turns; the figures stay. Safe to run again.

        What was not read yet is read first: later it would bring the link back.
        """
        reading.read_all(tenant)
        return sum(routing.unlink(tenant, batch) for batch in turns.asked_by(tenant, user))


ERASER = LearningEraser()
