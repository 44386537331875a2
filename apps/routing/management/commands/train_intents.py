"""Train the intent recogniser: the same data and seed give the same artefact. Needs `requirements/training.in`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pyarrow import parquet

from apps.routing.engine.intent import heads
from apps.routing.training import card, fit, rows

SEED = 20261
PER_TASK = 300


class Command(BaseCommand):
    """`manage.py train_intents --data DIR --out FILE.npz`: writes the artefact and, beside it, its model card."""

    help = "Train the intent recogniser from a folder of labelled prompts (intent*.parquet) and the project's own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder with intent*.parquet")
        parser.add_argument("--out", type=Path, required=True, help="the artefact to write, such as intent-v1.npz")

    def handle(self, *args: Any, **options: Any) -> None:
        files = sorted(options["data"].glob("intent*.parquet"))
        if not files:
            raise CommandError(f"{options['data']} holds no intent*.parquet: name the folder of the labelled prompts.")
        public = [row for file in files for row in rows.public(parquet.read_table(file).to_pylist())]
        everything = [*rows.written(), *rows.composed(seed=SEED, per_task=PER_TASK), *public]
        self.stdout.write(f"{len(everything)} prompts, {sum(row.may_train for row in everything)} to train on")
        trained = fit.train(everything)
        out: Path = options["out"]
        heads.save(out, trained.heads, version=out.stem)
        out.with_name("MODEL_CARD.md").write_text(card.render(out.stem, everything, trained.figures), encoding="utf-8")
        for name, figures in trained.figures.items():
            self.stdout.write(f"{name}: {', '.join(f'{key} {value:.3g}' for key, value in figures.items())}")
