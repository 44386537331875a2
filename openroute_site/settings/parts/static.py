"""Files for browsers: the apps' own under /static/, and the built frontend at the root, as its build tool names it."""

import re
from collections.abc import MutableMapping

from openroute_site.settings.parts.paths import FRONTEND_DIST, STATE_DIR

_HASHED = re.compile(r"^/assets/.+-[\w-]{8,}\.\w+$")


def keep_hashed_files(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let browsers keep the files whose names hold a hash of their content for ever; all others for a minute."""
    if _HASHED.match(url):
        headers["Cache-Control"] = "max-age=31536000, public, immutable"


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = STATE_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
SERVESTATIC_USE_FINDERS = True  # no collectstatic: the files are served from where they are installed
SERVESTATIC_USE_STATIC_ROOT = False
SERVESTATIC_AUTOREFRESH = False
SERVESTATIC_ALLOW_ALL_ORIGINS = False
# index.html goes through a view that wants a sign-in.
SERVESTATIC_ROOT = FRONTEND_DIST if FRONTEND_DIST.is_dir() else None
SERVESTATIC_ADD_HEADERS_FUNCTION = keep_hashed_files
