"""The one folder that holds all state: database, gates, generated secrets, broker, collected static files."""

from pathlib import Path

from openroute_site.settings.environment import BASE_DIR, env

STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / ".state"))).absolute()
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
