"""Word lists as people read them."""


def words(text: str) -> frozenset[str]:
    """The words of a text that is laid out for the eye."""
    return frozenset(text.split())
