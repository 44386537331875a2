import argparse

import pytest

from tests.benchmarks import options


class TestMeasuredSeconds:
    def test_are_two_unless_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BENCH_SECONDS", raising=False)

        assert options.measured_s() == 2

    def test_follow_the_environment_in_multiples(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BENCH_SECONDS", "3")

        assert options.measured_s(4) == 12

    @pytest.mark.parametrize("wrong", ["0", "-1", "1.5", "soon", ""])
    def test_end_the_program_with_a_sentence_where_they_are_no_number(
        self, monkeypatch: pytest.MonkeyPatch, wrong: str
    ) -> None:
        monkeypatch.setenv("BENCH_SECONDS", wrong)

        with pytest.raises(SystemExit, match="whole number from 1"):
            options.measured_s()


class TestOnly:
    def parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser()
        options.add_only(parser, ["answers", "streams", "flood"])
        return parser

    def test_prints_all_tables_unless_told(self) -> None:
        assert self.parser().parse_args([]).only == ["answers", "streams", "flood"]

    def test_keeps_the_order_of_the_program(self) -> None:
        assert self.parser().parse_args(["--only", "flood, answers"]).only == ["answers", "flood"]

    def test_names_the_tables_that_there_are(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            self.parser().parse_args(["--only", "answers,cats"])

        assert "there is no cats; choose from: answers, streams, flood" in capsys.readouterr().err


class TestArithmetic:
    def test_of_what_was_not_seen_is_none(self) -> None:
        assert options.difference(None, 1.0) is None
        assert options.quotient(3.0, None) is None
        assert options.quotient(3.0, 0.0) is None

    def test_tells_what_was_added_and_how_often_it_is_contained(self) -> None:
        assert options.difference(3.0, 1.0) == 2.0
        assert options.quotient(3.0, 2.0) == 1.5
