"""Train the intent recogniser: the same data and seed give the same artefact. Needs `requirements/training.in`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pyarrow import parquet

from apps.routing.engine.intent import heads, vectors
from apps.routing.engine.intent.recogniser import VECTORS
from apps.routing.training import card, fit, plot, rows

SEED = 20261
PER_TASK = 300


class Command(BaseCommand):
    """`manage.py train_intents --data DIR --out FILE.npz`: writes the artefact, its model card and a diagram."""

    help = "Train the intent recogniser from a folder of labelled prompts (intent*.parquet) and the project's own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder with intent*.parquet")
        parser.add_argument("--out", type=Path, required=True, help="the artefact to write, such as intent-v2.npz")
        parser.add_argument("--words", type=Path, default=VECTORS, help="table of word vectors (`distil_words`)")

    def handle(self, *args: Any, **options: Any) -> None:
        everything = material(options["data"])
        self.stdout.write(f"{len(everything)} prompts, {sum(row.may_train for row in everything)} to train on")
        table = vectors.load(options["words"])
        trained = fit.train(everything, table, seed=SEED, tell=self.stdout.write)
        out: Path = options["out"]
        heads.save(out, trained.heads, trained.network, trained.known, version=out.stem)
        out.with_name("MODEL_CARD.md").write_text(card.render(out.stem, everything, trained.measured), encoding="utf-8")
        out.with_name("reliability.svg").write_text(plot.diagram(card.reliability(trained.measured)), encoding="utf-8")
        for head, measured in trained.measured.items():
            for share in fit.SHARES:
                found = ", ".join(f"{key} {value:.3f}" for key, value in fit.figures(measured, share).items())
                self.stdout.write(f"{head}, {share}, temperature {measured.temperature:.2f}: {found}")


def material(folder: Path) -> list[rows.Row]:
    """All labelled prompts: the project's own and those of a folder. Raises `CommandError` where it has none."""
    files = sorted(folder.glob("intent*.parquet"))
    if not files:
        raise CommandError(f"{folder} holds no intent*.parquet: name the folder of the labelled prompts.")
    public = [row for file in files for row in rows.public(parquet.read_table(file).to_pylist())]
    own = [*rows.written(), *rows.written(rows.NATURAL), *rows.composed(seed=SEED, per_task=PER_TASK)]
    return [*own, *public]
