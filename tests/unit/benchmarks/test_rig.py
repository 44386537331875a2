"""What the benchmarks compute from what they saw, and the installation that they describe."""

from pathlib import Path
from typing import cast

import pytest

from apps.domain.limits import RateLimits
from apps.operations.config import document, load, schema
from tests.benchmarks import socket_load
from tests.benchmarks.installation import HALF, HOT, LONG, PLAIN, Company, Installation, config, upstreams
from tests.benchmarks.load import Provider, Tools, at
from tests.benchmarks.rig import Measured, Rig, new_text, same_text


def measured(
    *, answers: int = 100, ours_s: tuple[float, ...] = (0.1, 0.3), database_s: float | None = 0.05
) -> Measured:
    return Measured({"all": answers}, 2.0, ours_s, database_s)


class TestMeasured:
    def test_tells_processor_time_per_answer_ours_and_the_databases(self) -> None:
        found = measured()

        assert found.ours_ms == pytest.approx(4.0)
        assert found.database_ms == pytest.approx(0.5)

    def test_tells_how_much_of_one_processor_that_was(self) -> None:
        found = measured()

        assert found.ours_of_1 == pytest.approx(0.2)
        assert found.database_of_1 == pytest.approx(0.025)

    def test_tells_how_the_work_fell_to_the_processes(self) -> None:
        assert measured().shares == "25 / 75"

    def test_has_no_database_where_it_is_part_of_the_process(self) -> None:
        found = measured(database_s=None)

        assert found.database_ms is None
        assert found.database_of_1 is None

    def test_survives_that_nothing_was_answered(self) -> None:
        assert measured(answers=0).ours_ms == pytest.approx(400.0)


class TestQuantile:
    def test_is_none_where_nothing_was_seen(self) -> None:
        assert at({"ttft": None}, "ttft", "p95") is None
        assert at({"ttft": {"p95": 3}}, "ttft", "p95") == 3.0


class TestTexts:
    def test_of_known_verdict_are_the_same_each_time_and_as_long_as_new_ones(self) -> None:
        assert same_text() == same_text()
        assert "{SEQ}" not in same_text()
        assert abs(len(new_text().replace("{SEQ}", "00000000")) - len(same_text())) < 20

    def test_that_are_new_differ_from_run_to_run(self) -> None:
        assert new_text() != new_text()


class TestKeys:
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        tools = Tools.__new__(Tools)  # without compiling: only its folder is used
        tools.folder = tmp_path
        return Rig(tools, Provider("http://127.0.0.1:9/v1", 1), cast(Installation, None))

    def test_are_handed_out_one_of_each_company_first(self, rig: Rig) -> None:
        path = rig.keys((Company("a", people=2), Company("b")))

        assert path.read_text().splitlines() == [
            "Authorization: Bearer or-benchmark-a-0000",
            "Authorization: Bearer or-benchmark-b-0000",
            "Authorization: Bearer or-benchmark-a-0001",
        ]

    def test_are_written_once(self, rig: Rig) -> None:
        assert rig.keys((HOT,)) == rig.keys((HOT,))


class TestInstallation:
    def document(self, *companies: Company) -> document.Configuration:
        return schema.validate(load.parse(config("http://127.0.0.1:9/v1", companies).encode()), lambda _: None)

    def test_is_one_that_apply_accepts(self) -> None:
        found = self.document(HOT, Company("limited", requests_per_minute=1))

        assert [tenant.slug for tenant in found.tenants] == ["bench", "limited"]
        assert found.tenants[1].teams[0].rate_limits == RateLimits(requests_per_minute=1)
        assert {model.name for model in found.models} >= {PLAIN, LONG, HALF}

    def test_gives_each_person_a_key(self) -> None:
        (tenant,) = self.document(Company("bench", people=3)).tenants

        assert [key.value for key in tenant.teams[0].api_keys] == list(Company("bench", people=3).keys)

    def test_has_long_answers_as_long_as_asked(self) -> None:
        assert upstreams(200)[LONG] == "bench-k-n200-d50"


class TestSockets:
    def test_belong_to_half_as_many_people(self) -> None:
        assert socket_load.company(901).people == 451

    def test_belong_to_as_many_people_as_told(self) -> None:
        assert socket_load.company(900, people=900).people == 900

    def test_ask_with_an_id_that_no_other_run_had(self) -> None:
        assert socket_load.ask(LONG) != socket_load.ask(LONG)
