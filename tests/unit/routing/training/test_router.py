"""Training of the router: what it reads, what it refuses, and that it learns what is there to be learned."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils.module_loading import import_string

pytest.importorskip("sklearn")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

Rows = list[dict[str, Any]]


def rows(count: int = 300) -> Rows:
    """The weak model fails at sums, the strong one at nothing; who is asked what is in the words alone."""
    topics = ("the tides of the sea", "the kings of Spain", "a letter to my landlord")
    return [
        {"prompt": f"Compute {n} + {n * 7} please", "strong_score": 1, "weak_score": 0}
        if n % 2
        else {"prompt": f"Tell me about {topics[n % 3]}, number {n}", "strong_score": 1, "weak_score": True}
        for n in range(count)
    ]


def many(count: int = 300) -> Rows:
    """Three models, each good at one task."""
    words = {"law": "the contract and the court", "code": "the python function", "art": "the painting in oil"}
    return [
        {"prompt": f"Explain {words[task]} {n}", "task": task, "m:law": float(task == "law"),
         "m:code": float(task == "code"), "m:art": float(task == "art")}
        for n in range(count)
        for task in [("law", "code", "art")[n % 3]]
    ]  # fmt: skip


def jsonl(path: Path, lines: Rows) -> Path:
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def train(path: Path, **names: str) -> Any:
    return import_string("apps.routing.training.router.train")(path, **({"strong": "s", "weak": "w"} | names))


class TestLearning:
    def test_finds_where_the_strong_model_makes_the_difference(self, tmp_path: Path) -> None:
        router = train(jsonl(tmp_path / "o.jsonl", rows()), strong="gpt-large", weak="small")
        sums, letters = router.predict("Compute 12 + 84 please"), router.predict("Tell me about the tides of the sea")

        assert set(router.models) == {"gpt-large", "small"}
        assert sums.need_strong > 0.6 > 0.4 > letters.need_strong
        assert dict(sums.scores)["small"] < 0.4

    def test_calibrates_the_threshold_to_the_wanted_share(self, tmp_path: Path) -> None:
        router = train(jsonl(tmp_path / "o.jsonl", rows()))
        needs = np.array([router.predict(row["prompt"]).need_strong for row in rows()])

        assert (needs >= router.least_gain(0.5)).mean() == pytest.approx(0.5, abs=0.05)
        assert (needs >= router.least_gain(1.0)).mean() == pytest.approx(1.0)

    def test_gives_each_cell_a_profile_of_every_model(self, tmp_path: Path) -> None:
        router = train(jsonl(tmp_path / "o.jsonl", many()))

        for prompt, best in (("the court", "law"), ("a python function", "code"), ("painting with oil", "art")):
            scores = dict(router.predict(f"Explain {prompt}").scores)
            assert max(scores, key=lambda model: scores[model]) == best

    def test_is_the_same_each_time(self, tmp_path: Path) -> None:
        one, two = (train(jsonl(tmp_path / "o.jsonl", rows())) for _ in range(2))

        assert one.predict("Compute 3 + 4").scores == two.predict("Compute 3 + 4").scores


class TestTheOutcomes:
    def test_may_be_csv_or_parquet(self, tmp_path: Path) -> None:
        plain = [{k: int(v) if k != "prompt" else v for k, v in row.items()} for row in rows(60)]
        parquet.write_table(pyarrow.Table.from_pylist(plain), tmp_path / "o.parquet")
        with (tmp_path / "o.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["prompt", "strong_score", "weak_score"])
            writer.writeheader()
            writer.writerows(plain)

        for name in ("o.parquet", "o.csv"):
            assert train(tmp_path / name).models == ("s", "w")

    def test_of_a_judge_are_scaled_to_one(self, tmp_path: Path) -> None:
        judged = [row | {"strong_score": 10, "weak_score": 5} for row in rows(60)]
        found = train(jsonl(tmp_path / "o.jsonl", judged)).predict("Compute 3 + 4").scores

        assert dict(found) == pytest.approx({"s": 1.0, "w": 0.5})

    @pytest.mark.parametrize(
        ("lines", "wrong"),
        [
            (rows(10), "at least 50"),
            ([{"text": "no prompt"}] * 60, 'needs a "prompt"'),
            ([{"prompt": "x", "m:one": 1}] * 60, "two models or more"),
            ([*rows(60), {"prompt": "x", "strong_score": 1}], "Outcome 61: a score is missing"),
            ([*rows(60), {"prompt": 5, "strong_score": 1, "weak_score": 1}], 'Outcome 61: "prompt" must be a text'),
            ([*rows(60), {"prompt": "x", "strong_score": -1, "weak_score": 1}], "below 0"),
        ],
    )
    def test_that_are_wrong_are_refused_with_the_reason(self, tmp_path: Path, lines: Rows, wrong: str) -> None:
        with pytest.raises(ValueError, match=wrong):
            train(jsonl(tmp_path / "o.jsonl", lines))

    def test_that_cannot_be_read_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "o.parquet").write_bytes(b"no parquet")
        for name in ("o.parquet", "missing.csv"):
            with pytest.raises(ValueError, match="cannot be read"):
                train(tmp_path / name)
