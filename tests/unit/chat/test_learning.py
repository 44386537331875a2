"""Who wrote most of an answer."""

from hypothesis import given
from hypothesis import strategies as st

from apps.chat.learning import writer_of


def parts(*begins: tuple[int, str]) -> list[dict[str, object]]:
    return [{"at": at, "model": model, "hosting": "commercial", "after": ""} for at, model in begins]


class TestWriterOf:
    def test_is_the_only_one(self) -> None:
        assert writer_of("small", [], 40) == "small"

    def test_is_who_wrote_the_longer_part(self) -> None:
        assert writer_of("large", parts((0, "small"), (30, "large")), 40) == "small"
        assert writer_of("large", parts((0, "small"), (10, "large")), 40) == "large"

    def test_is_the_last_one_where_both_wrote_equally_much(self) -> None:
        assert writer_of("large", parts((0, "small"), (20, "large")), 40) == "large"

    def test_is_never_one_that_wrote_nothing(self) -> None:
        assert writer_of("large", parts((0, "dead"), (0, "small"), (40, "large")), 40) == "small"

    @given(st.lists(st.integers(0, 200), min_size=1, max_size=5), st.integers(0, 200))
    def test_wrote_at_least_its_share(self, begins: list[int], more: int) -> None:
        begins = [0, *sorted(begins)]
        length = begins[-1] + more
        written = {
            f"m{place}": end - at for place, (at, end) in enumerate(zip(begins, [*begins[1:], length], strict=True))
        }

        name = writer_of("", parts(*((at, f"m{place}") for place, at in enumerate(begins))), length)

        assert written[name] * len(begins) >= length
