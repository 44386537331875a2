"""How far periodic readers of the audit trail have come: moved in the transaction of what they made of the entries."""

from apps.core import db
from apps.core.models import Bookmark
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId


class Overtaken(OpenRouteError):
    """Another run of the same reader has read these entries meanwhile: what was made of them must not be kept."""

    code, status = "overtaken", 409


def place(*, tenant: TenantId, reader: str) -> int:
    """The number of the last entry that was read; 0 before the first."""
    rows = Bookmark.objects.for_tenant(tenant).filter(reader=reader)
    return next(iter(rows.values_list("seq", flat=True)), 0)


def move(*, tenant: TenantId, reader: str, source: int, target: int) -> None:
    """Go on from entry `source` to `target`, inside the caller's transaction; holds the bookmark until its end.

    A run that is killed before the commit has moved nothing, and two runs at once cannot both keep their effect.

    Raises:
        Overtaken: the bookmark is not at `source` any more; the transaction must be rolled back.
    """
    with db.atomic():
        rows = Bookmark.objects.for_tenant(tenant).filter(reader=reader)
        if rows.filter(seq=source).update(seq=target):
            return
        row, created = Bookmark.objects.for_tenant(tenant).get_or_create(
            tenant_id=tenant, reader=reader, defaults={"seq": target}
        )
        if source or not created:
            raise Overtaken(f"{reader} has come to entry {row.seq} of tenant {tenant}, not {source}.")
