"""How a list is cut into pages: bounded in size, in an order with a unique tie-break."""

from typing import Final

from rest_framework.pagination import CursorPagination, PageNumberPagination

DEFAULT_PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200


class PageNumberPages(PageNumberPagination):
    """`?page=2&page_size=100`, for short lists; at most 200 a page."""

    page_size = DEFAULT_PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE


class CursorPages(CursorPagination):
    """`?cursor=...&page_size=100`, for lists that grow at one end: the cost of a page does not depend on its depth.

    A view names `ordering` with a unique tie-break, or rows that share a value are skipped between two pages.
    """

    page_size = DEFAULT_PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    ordering = ("-created_at", "-id")
