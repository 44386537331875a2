"""The developer API as the front door mounts it: the application over the real path of a message."""

from collections.abc import AsyncGenerator, Sequence

from django.conf import settings

from apps.core.clock import now
from apps.domain.catalogue import Candidate
from apps.domain.ids import TenantId
from apps.domain.turn import TurnEvent, TurnRequest
from apps.gateway.application import Gateway
from apps.gateway.backend import Caller, Once
from apps.turns import services as turns


class TurnBackend:
    """The `Backend` over `turns`."""

    async def authenticate(self, bearer: str) -> Caller:
        access = await turns.authenticate(bearer)
        key, context = access.key, access.context

        def models() -> Sequence[Candidate]:
            return context.models_for(context.team_for(context.person(key.user), key.team))

        return Caller(access.principal, key.team, key.scopes, models, bearer)

    def rights_version(self, tenant: TenantId) -> object:
        return turns.access_version(tenant)

    def answer(self, request: TurnRequest, once: Once | None) -> AsyncGenerator[TurnEvent, None]:
        if once is None:
            return turns.answer(request)
        idempotency = turns.idempotency(
            principal=request.principal, surface=once.surface, key=once.key, body=once.body, now=now()
        )
        return turns.answer(request, idempotency=idempotency)


application = Gateway(TurnBackend(), allowed_hosts=lambda: settings.ALLOWED_HOSTS)
