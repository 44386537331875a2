"""Runs code from answers, where the operator has named a sandbox; else nothing of it is ever run here.

`OPENROUTE_LAB_SANDBOX` is a command that reads a program from its standard input, runs it without network, files or
secrets, and ends with 0 when it ran through. What that command is allowed is the operator's business; from here it gets
an empty environment, an empty folder and a time limit, and what it prints is thrown away.
"""

import subprocess
import tempfile
from typing import Final

from django.conf import settings

RUN_S: Final = 10.0


def is_configured(language: str) -> bool:
    """Whether programs of this language can be run."""
    return bool(settings.OPENROUTE_LAB_SANDBOX) and language in settings.OPENROUTE_LAB_SANDBOX_LANGUAGES


def passes(program: str) -> bool:
    """Whether the program runs through in the sandbox. One that takes too long does not."""
    with tempfile.TemporaryDirectory(prefix="openroute-lab-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - the command is the operator's, the program is only its input
                settings.OPENROUTE_LAB_SANDBOX,
                input=program.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env={},
                timeout=RUN_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
