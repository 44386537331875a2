"""Tells an installation that has the demo accounts. By itself, so that serving imports nothing of what loads them."""

from apps.tenants import selectors as tenants


def is_present() -> bool:
    """Whether this database holds the demo accounts: production asks before it starts."""
    platform = tenants.tenant_by_slug("platform")
    return platform is not None and tenants.person_by_email(platform.id, "olga@platform.example") is not None
