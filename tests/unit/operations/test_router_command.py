"""`manage.py router`: a line per prompt, and plain words where something is missing."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.operations.management.commands import router
from apps.routing import services as routing
from tests.support.learned import predictor


def printed(*arguments: Any) -> list[str]:
    out = StringIO()
    call_command("router", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


class TestScore:
    def test_prints_what_each_model_promises(self, tmp_path: Path) -> None:
        routing.save_router(tmp_path / "router.npz", predictor())
        prompts = tmp_path / "prompts.jsonl"
        prompts.write_text('{"id": "a", "prompt": "hard"}\n\n{"id": 7, "prompt": "zebra"}\n', encoding="utf-8")
        hard, zebra = map(json.loads, printed("score", tmp_path / "router.npz", prompts))

        assert hard["id"] == "a"
        assert hard["scores"] == pytest.approx({"large": 0.8, "small": 0.4}, abs=1e-3)
        assert hard["need_strong"] == pytest.approx(0.4, abs=1e-3)
        assert zebra == {"id": 7, "scores": {"large": 0.6, "small": 0.6}, "need_strong": 0.0}

    def test_names_what_is_no_router(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"none\.npz cannot be read as a trained router"):
            printed("score", tmp_path / "none.npz", tmp_path / "prompts.jsonl")


class TestTrain:
    def test_says_what_it_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(router, "NEEDED", {"no_such_module": "scikit-learn", "json": "json"})
        with pytest.raises(CommandError, match=r"Training needs scikit-learn: install requirements/training\.txt"):
            printed("train", tmp_path / "outcomes.csv", "--out", tmp_path / "router.npz")

    def test_writes_what_score_reads(self, tmp_path: Path) -> None:
        pytest.importorskip("sklearn")
        pytest.importorskip("pyarrow")
        outcomes = tmp_path / "outcomes.jsonl"
        lines = [{"prompt": f"question {n} of {n % 7}", "a": n % 2, "b": n % 3 == 0} for n in range(80)]
        outcomes.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        said = printed("train", outcomes, "--out", tmp_path / "router")

        assert said[0] == "Learned from 80 prompts and 2 models: a, b."
        assert f"ROUTER_MODEL={tmp_path / 'router'}" in said[1]
        prompts = tmp_path / "prompts.jsonl"
        prompts.write_text('{"id": 1, "prompt": "question 5"}', encoding="utf-8")
        assert set(json.loads(*printed("score", tmp_path / "router", prompts))["scores"]) == {"a", "b"}

    def test_names_what_is_wrong_with_the_outcomes(self, tmp_path: Path) -> None:
        pytest.importorskip("sklearn")
        pytest.importorskip("pyarrow")
        with pytest.raises(CommandError, match="cannot be read as Parquet, CSV or JSON lines"):
            printed("train", tmp_path / "missing.csv", "--out", tmp_path / "router.npz")
