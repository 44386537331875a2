import pytest

from tests.benchmarks.tables import shown, table


class TestShown:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (None, "-"),
            ("must", "must"),
            (0, "0"),
            (0.0123, "0.012"),
            (1.234, "1.23"),
            (-1.234, "-1.23"),
            (123.4, "123"),
            (45_000, "45,000"),
        ],
    )
    def test_has_the_digits_that_mean_something(self, cell: float | str | None, text: str) -> None:
        assert shown(cell) == text


class TestTable:
    def test_tells_the_load_of_the_machine_in_its_head(self, capsys: pytest.CaptureFixture[str]) -> None:
        table("Answers", ["at once", "ms"], [[16, 1.5]])

        lines = capsys.readouterr().out.splitlines()
        assert lines[1] == "### Answers"
        assert lines[3].startswith("Load average before this table: ")
        assert lines[5:] == ["| at once | ms |", "|---|---|", "| 16 | 1.50 |"]
