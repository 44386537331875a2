"""Make the table of word vectors that the intent recogniser reads. Needs `requirements/training.in`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.routing.engine.intent import vectors
from apps.routing.training import distil, encoder


class Command(BaseCommand):
    """`manage.py distil_words --teacher DIR --out FILE.npz`: about two minutes; train the intents again afterwards."""

    help = "Distil a table of word vectors from all-MiniLM-L6-v2 (a folder with model.safetensors and vocab.txt)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--teacher", type=Path, required=True, help="folder with model.safetensors and vocab.txt")
        parser.add_argument("--out", type=Path, required=True, help="the table to write, such as words-v1.npz")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            teacher = encoder.load(options["teacher"])
        except OSError as error:
            raise CommandError(f"{options['teacher']} holds no model.safetensors and vocab.txt.") from error
        pieces, table, weight = distil.distil(teacher)
        out: Path = options["out"]
        vectors.save(out, pieces, table, weight, version=out.stem)
        self.stdout.write(f"{out.name}: {len(pieces)} pieces of {table.shape[1]} numbers")
