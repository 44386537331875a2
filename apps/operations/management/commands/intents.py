"""`manage.py intents FILE.jsonl`: what the recogniser reads in each prompt. Needs no database and sends nothing."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.domain.intent import Intent
from apps.domain.messages import PromptMessage, Role
from apps.operations import jsonl
from apps.routing import services as routing


class Command(BaseCommand):
    """Reads lines `{"id", "prompt"}` and prints one line per line, in order."""

    help = (
        'For each line {"id", "prompt"} of the file print {"id", "task", "domain", "complexity", "creativity", '
        '"length_bucket", "words", "confidence", "ms"}; "ms" is the time that recognising took.'
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON lines, UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        routing.start()
        for line in jsonl.read(options["file"], "prompt"):
            message = PromptMessage(Role.USER, line["prompt"])
            started = time.perf_counter_ns()
            intent = routing.recognise((message,))
            ms = (time.perf_counter_ns() - started) / 1e6
            self.stdout.write(json.dumps(report(line["id"], intent, ms), ensure_ascii=False))


def report(line_id: object, intent: Intent, ms: float) -> jsonl.Line:
    """The published form of one result; confidences are calibrated probabilities."""
    return {
        "id": line_id,
        "task": intent.task,
        "domain": intent.domain,
        "complexity": intent.complexity,
        "creativity": intent.creativity,
        "length_bucket": intent.length,
        "words": intent.words,
        "confidence": dict(intent.confidence),
        "ms": round(ms, 3),
    }
