"""The engine of this process and the border round it: whatever goes wrong inside comes out as "not classified"."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings as site

from apps.core import faults
from apps.core.threads import in_cpu
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Finding, Sensitivity, Verdict
from apps.privacy.detection.dictionary import Terms
from apps.privacy.detection.engine import BUDGET_S, DETECTOR_ERROR, FAULTS, NOT_LOADED, TIMEOUT, Engine

log = structlog.get_logger(__name__)

INLINE_CHARS = 2_000
"""Up to here a scan (0.5 to 3 ms) is not worth the way to another thread and back."""
WALL_S = 5.0
"""The longest that anybody waits for one text, queue included; a scan may use `BUDGET_S` of CPU of it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A verdict and the CPU milliseconds that it cost."""

    verdict: Verdict
    cpu_ms: float = 0.0


class _Holder:
    """The one engine of the process: built at its start, never in a request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.engine: Engine | None = None

    def build(self) -> Engine:
        with self._lock:
            if self.engine is None:
                engine = Engine(site.PRIVACY_SPACY_MODEL)
                _ = engine.patterns  # built now as well, never in a request
                self.engine = engine
            return self.engine


HOLDER = _Holder()


def unclassified(why: str) -> Verdict:
    """What stands for a verdict that could not be found. Every boundary treats it like sensitive (promise P16)."""
    return Verdict(Sensitivity.UNCLASSIFIED, why=why)


async def scan(
    texts: Sequence[str], settings: SensitivitySettings, terms: Terms, *, patterns: bool = False
) -> list[Scan]:
    """One scan per text, in order. Short ones run here, the others in the processor pool, one after the other.

    Args:
        patterns: names are not looked for, which costs most of the time.
    """
    if sum(map(len, texts)) <= INLINE_CHARS and not faults.active("detector"):
        return [scan_one(text, settings, terms, patterns=patterns) for text in texts]
    return [await _in_pool(text, settings, terms, patterns) for text in texts]


async def _in_pool(text: str, settings: SensitivitySettings, terms: Terms, patterns: bool) -> Scan:
    try:
        async with asyncio.timeout(WALL_S):  # not `wait_for`: in Python 3.11 it can swallow the end of the turn
            return await in_cpu(scan_one, text, settings, terms, patterns=patterns)
    except TimeoutError:
        log.warning("privacy.unclassified", why=TIMEOUT, chars=len(text))
        return Scan(unclassified(TIMEOUT))


def scan_one(text: str, settings: SensitivitySettings, terms: Terms, *, patterns: bool = False) -> Scan:
    """Scan in this thread. Never raises for anything that the detector does."""
    began = time.thread_time()
    try:
        verdict = _checked(_analyse(text, settings, terms, patterns), text)
    except FAULTS as error:
        log.error("privacy.detector_failed", error=type(error).__name__)
        verdict = unclassified(DETECTOR_ERROR)
    if verdict.why:
        log.warning("privacy.unclassified", why=verdict.why, chars=len(text))
    return Scan(verdict, (time.thread_time() - began) * 1000)


def _analyse(text: str, settings: SensitivitySettings, terms: Terms, patterns: bool) -> Verdict:
    match faults.active("detector"):
        case "":
            engine = HOLDER.engine.patterns if HOLDER.engine and patterns else HOLDER.engine
            return engine.analyse(text, settings, terms, budget_s=BUDGET_S) if engine else unclassified(NOT_LOADED)
        case "hang":
            time.sleep(2 * WALL_S)
            return unclassified(TIMEOUT)
        case "garbage":
            return Verdict(Sensitivity.CLEAN, (Finding("", -1, len(text) + 1, 7.0),))
        case fault:
            raise RuntimeError(f"OPENROUTE_FAULTS asks the detector to {fault}")


def _checked(verdict: object, text: str) -> Verdict:
    """A verdict that contradicts itself or the text is no verdict."""
    if not isinstance(verdict, Verdict) or not isinstance(verdict.sensitivity, Sensitivity):
        return unclassified(DETECTOR_ERROR)
    sane = all(f.type and 0 <= f.start < f.end <= len(text) and 0.0 <= f.score <= 1.0 for f in verdict.findings)
    fits = (verdict.sensitivity is Sensitivity.SENSITIVE) == bool(verdict.findings)
    return verdict if sane and fits else unclassified(verdict.why or DETECTOR_ERROR)
