"""What may leave, and the test controls that bend the guards. Production refuses the controls (production.py)."""

from openroute_site.settings.environment import env

# Internal hosts that the server may call: model servers inside the company, metadata never. `host` or `host:port`.
OUTBOUND_ALLOW_HOSTS = env.list("OUTBOUND_ALLOW_HOSTS", default=[])

OPENROUTE_CLOCK = env.str("OPENROUTE_CLOCK", default="")
OPENROUTE_FAULTS: dict[str, str] = dict(
    pair.split(":", 1) for pair in env.list("OPENROUTE_FAULTS", default=[]) if ":" in pair
)

# The spaCy package (installed, never downloaded) that adds names, places and organisations; empty: patterns only.
PRIVACY_SPACY_MODEL = env.str("PRIVACY_SPACY_MODEL", default="")

# Entity types that stay inside in every company, whatever its policy says: the operator's floor.
OPENROUTE_PRIVACY_FLOOR = env.list("PRIVACY_FLOOR", default=[])
