"""What the views of this app share."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast, overload

from rest_framework import serializers
from rest_framework.response import Response

from apps.core import clock
from apps.core.api import TenantView
from apps.core.pages import PageNumberPages
from apps.domain.limits import RateLimits
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal

ItemT = TypeVar("ItemT")
MAX_RATE = 1_000_000_000


class IdentityView(TenantView):
    """A view that is closed unless `operations` opens a method to a role, and `required_scopes` opens it to keys."""

    permission_classes = [Permitted]
    pagination_class = PageNumberPages
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {}

    @property
    def principal(self) -> Principal:
        """Who asks; `Permitted` let nobody else in."""
        return cast(Principal, self.request.user)

    @property
    def now(self) -> datetime:
        return clock.now()

    def read(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises DRF's `ValidationError`, which names each wrong field."""
        serializer = kind(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def page(self, items: Sequence[ItemT], show: Callable[[ItemT], dict[str, Any]]) -> Response:
        """One page of a list in the common form."""
        pages = self.pagination_class()
        found: Sequence[ItemT] = pages.paginate_queryset(cast(Any, items), self.request, view=self) or []
        return pages.get_paginated_response([show(item) for item in found])


class Strict(serializers.Serializer[Any]):
    """A body in which every unknown field is refused (promise P04)."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = set(data) - {name for name, field in self.fields.items() if not field.read_only}
        if unknown:
            raise serializers.ValidationError({str(name)[:64]: "This field cannot be written." for name in unknown})
        return values


class Limits(Strict):
    """Rates; null or missing is no limit."""

    requests_per_minute = serializers.IntegerField(min_value=1, max_value=MAX_RATE, required=False, allow_null=True)
    tokens_per_minute = serializers.IntegerField(min_value=1, max_value=MAX_RATE, required=False, allow_null=True)


class Seat(Strict):
    """A place in a team."""

    team = serializers.IntegerField(min_value=1)
    admin = serializers.BooleanField(default=False)


class Lazy(Sequence[ItemT]):
    """A list whose pages are read from the database one at a time."""

    def __init__(self, load: Callable[[int, int], tuple[Sequence[ItemT], int]]) -> None:
        """`load(offset, limit)` gives items and the number of all."""
        self._load = load
        self._total: int | None = None

    def __len__(self) -> int:
        if self._total is None:
            self._total = self._load(0, 0)[1]
        return self._total

    @overload
    def __getitem__(self, index: int) -> ItemT: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ItemT]: ...
    def __getitem__(self, index: int | slice) -> ItemT | Sequence[ItemT]:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            return self._load(start, stop - start)[0]
        return self._load(index, 1)[0][0]


def limits_of(values: dict[str, Any] | None) -> RateLimits:
    """The value of a checked `Limits`."""
    return RateLimits(**(values or {}))


def shown_limits(limits: RateLimits) -> dict[str, int | None]:
    return {
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
    }
