"""Train the recogniser of names: the same data and seed give the same model. Needs `requirements/training.in`."""

import random
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.privacy.detection.ner import model
from apps.privacy.training import card, fit, prompts, public, templates
from apps.privacy.training.learner import arrays

CODE = 2_500


class Command(BaseCommand):
    """`manage.py train_names --data DIR --out FILE.npz`: writes the model and, beside it, its model card."""

    help = (
        "Train the recogniser of names from the project's sentences and a folder of public prompts (intent*.parquet)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder with intent*.parquet")
        parser.add_argument("--out", type=Path, required=True, help="the model to write, such as names-v1.npz")
        parser.add_argument("--rounds", type=int, default=fit.Plan().rounds)
        parser.add_argument("--texts", type=int, default=fit.Plan().texts, help="of each round")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = fit.Plan(rounds=options["rounds"], texts=options["texts"])
        learnt, unseen = public.prompts(options["data"])
        if not learnt or not unseen:
            raise CommandError(f"{options['data']} holds no intent*.parquet: name the folder of the labelled prompts.")
        learnt += prompts.own()
        rng = random.Random(plan.seed)
        rng.shuffle(unseen)
        written = templates.read()
        self.stdout.write(f"{len(written)} sentences, {len(learnt)} prompts to learn from, {len(unseen)} to measure on")
        ordinary = [*learnt, *prompts.code(CODE, rng)]
        trained = fit.train(written, ordinary, unseen, plan=plan, tell=self.stdout.write)
        out: Path = options["out"]
        model.save(out, arrays(trained.learner), trained.known)
        card.write(out, templates=written, prompts=len(learnt), code=CODE, trained=trained, plan=plan)
        self.stdout.write(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {len(trained.known)} familiar words")
