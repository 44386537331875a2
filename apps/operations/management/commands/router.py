"""`manage.py router train OUTCOMES --out MODEL` and `router score MODEL PROMPTS.jsonl`: the strategy `learned`."""

import json
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from apps.operations import jsonl
from apps.routing import services as routing

NEEDED = {"sklearn": "scikit-learn", "pyarrow": "pyarrow"}


class Command(BaseCommand):
    """Needs no database and sends nothing. Training needs `requirements/training.txt`, scoring does not."""

    help = "Train a router from recorded outcomes, or print what a trained one expects of each model per prompt."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        train = actions.add_parser("train", help="from outcomes: a prompt and a score per model in each row")
        train.add_argument("outcomes", type=Path, help="Parquet, CSV or JSON lines")
        train.add_argument("--out", type=Path, required=True, help="the file to write, for ROUTER_MODEL")
        train.add_argument("--strong", default="strong", help="the model of the column strong_score")
        train.add_argument("--weak", default="weak", help="the model of the column weak_score")
        score = actions.add_parser("score", help='print {"id", "scores", "need_strong"} per prompt')
        score.add_argument("model", type=Path, help="what `router train` wrote")
        score.add_argument("prompts", type=Path, help='JSON lines {"id", "prompt"}, UTF-8')

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "train":
            self._train(options)
        else:
            self._score(options["model"], options["prompts"])

    def _train(self, options: dict[str, Any]) -> None:
        missing = sorted(package for module, package in NEEDED.items() if find_spec(module) is None)
        if missing:
            raise CommandError(f"Training needs {' and '.join(missing)}: install requirements/training.txt.")
        # By name, as everything that an installation may lack: serving images have no scikit-learn.
        train = import_string("apps.routing.training.router.train")
        try:
            found = train(options["outcomes"], strong=options["strong"], weak=options["weak"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        try:
            routing.save_router(options["out"], found)
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error}") from error
        models = ", ".join(found.models)
        self.stdout.write(f"Learned from {found.prompts} prompts and {len(found.models)} models: {models}.")
        self.stdout.write(f"Strong: {found.strong}. Weak: {found.weak}. Set ROUTER_MODEL={options['out']} to serve it.")

    def _score(self, model: Path, prompts: Path) -> None:
        try:
            trained = routing.load_router(model)
        except routing.UnfitPredictor as error:
            raise CommandError(str(error)) from error
        for line in jsonl.read(prompts, "prompt"):
            found = trained.predict(line["prompt"])
            scores = {name: round(value, 6) for name, value in found.scores}
            report = {"id": line["id"], "scores": scores, "need_strong": round(found.need_strong, 6)}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
