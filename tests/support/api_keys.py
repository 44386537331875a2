"""API keys as their makers ask for them."""

from apps.domain.ids import TeamId, TenantId, UserId
from apps.identity import services
from apps.identity.values import IssuedKey
from apps.tenants.models import Membership
from tests.support.company import ACT

VALUE = "or-research-demo-key-0001"


def owner(seat: Membership) -> dict[str, int]:
    """Whose key it is and which team pays, as the services want to be told."""
    return {"tenant": TenantId(seat.tenant_id), "user": UserId(seat.user_id), "team": TeamId(seat.team_id)}


def issue(seat: Membership, **values: object) -> IssuedKey:
    """A new key of this person; `values` replace what is usual."""
    wish = {"name": "ci", "scopes": ["chat", "models"], "expires_at": None, **owner(seat), **ACT, **values}
    return services.issue_api_key(**wish)  # type: ignore[arg-type]
