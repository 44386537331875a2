"""The built frontend's only page: `/` and every client-side route. Its files are served as static files."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

NOT_BUILT: Final = "The frontend is not built. `make run` builds it; the API works without it."


@lru_cache(maxsize=4)
def _page(path: Path, modified_ns: int) -> bytes:
    return path.read_bytes()


@require_safe
@never_cache
@ensure_csrf_cookie
def index(request: HttpRequest) -> HttpResponse:
    """The page, for who is signed in; everybody else is sent to sign in."""
    if not request.user.is_authenticated:
        return redirect("/accounts/")
    path = Path(settings.FRONTEND_DIST) / "index.html"
    if not path.is_file():
        return HttpResponse(NOT_BUILT, content_type="text/plain", status=503)
    return HttpResponse(_page(path, path.stat().st_mtime_ns))
