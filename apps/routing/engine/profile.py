"""What a model is expected to be worth for a question, in [0, 1], and how certain that is.

What is expected of a kind of question (a cell: task and domain) comes from four levels: the operator's strengths; how
the model surprised in other tasks; in other domains of the same task; and in the cell itself. A level other than the
cell counts for at most a few observations, so that it helps where the cell is empty and steps back where it is not.
This is the hierarchical Beta-binomial posterior (Gelman et al., Bayesian Data Analysis, 3rd edition, chapter 5) with
fixed instead of estimated weights: the data of neighbours count as in a power prior (Ibrahim and Chen, Statistical
Science 15(1), 2000), here up to a cap.

    level          expects a shortfall of          is worth (observations)
    prior          s0 = 1 - strength               n0 = PRIOR_SAMPLES, or GUESS_SAMPLES
    other tasks    s0 + their mean surprise        m1 = min(OTHER_TASKS, theirs)
    other domains  s0 + their mean surprise        m2 = min(SAME_TASK, theirs)
    the cell       s0 + its mean surprise          m3 = its own

The expected shortfall is the mean of the levels weighted by what they are worth; surprise is by how much answers fell
shorter than their own cell's s0. No observation counts twice: other tasks leave out the task, other domains the domain.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from apps.domain.catalogue import Candidate, Cell, Profile
from apps.domain.intent import Intent
from apps.routing.engine import sketch
from apps.routing.engine.cells import DIFFICULTY
from apps.routing.engine.pace import Pace

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "brainstorm_plan": ("reasoning", "writing"),
    "coding": ("coding",),
    "creative_writing": ("creative", "writing"),
    "explain_advise": ("knowledge", "writing"),
    "extraction_classification": ("extraction", "reasoning"),
    "factual_qa": ("knowledge",),
    "functional_writing": ("writing",),
    "math": ("math", "reasoning"),
    "reasoning": ("reasoning", "math"),
    "rewriting": ("writing",),
    "roleplay_chat": ("chat", "creative", "writing"),
    "summarization": ("writing", "extraction"),
    "translation": ("translation", "language", "writing"),
}
"""Names under which operators state strengths, most telling first, when the task itself is not named."""
DOMAIN_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "computing": ("computing", "coding"),
    "finance_business": ("finance_business", "finance", "business"),
    "medical_health": ("medical_health", "medical"),
    "natural_science": ("natural_science", "science"),
    "social_science": ("social_science", "social"),
    "culture_lifestyle": ("culture_lifestyle", "culture", "literature"),
    "humanities": ("humanities", "literature"),
}
UNKNOWN: Final = 0.5
PRIOR_SAMPLES: Final = 10.0
"""How many observations the operator's word is worth where it names the task or its family."""
GUESS_SAMPLES: Final = 4.0
"""How many the mean of the other strengths is worth, or `UNKNOWN` where there are none."""
OTHER_TASKS: Final = 2.0
SAME_TASK: Final = 10.0
DOMAIN_SHARE: Final = 0.4
KNOWING: Final = frozenset({"explain_advise", "factual_qa", "functional_writing"})
KNOWING_SHARE: Final = 0.6
"""How much the domain counts beside the task: more where the answer is what one knows, not what one can do."""
ALL_OF_THEM: Final = float("inf")
TINY: Final = 1e-9
ANY: Final = "*"
"""In place of a task or domain: no particular one."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A Beta posterior of the quality for questions of average difficulty: its mean, in [0, 1], and how many
    observations it is worth, the prior's included."""

    quality: float
    certainty: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What is believed of a task, or of all, over the domains.

    `samples` is how many observations there were, as far as they still count; `prior` what the strengths alone say.
    """

    belief: Belief
    samples: float
    prior: float


class _Level(NamedTuple):
    """Sums over cells, as in `Cell`; `surprise` is by how much they fell shorter than their priors said."""

    surprise: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def without(self, other: "_Level") -> "_Level":
        """The sums over the other cells."""
        return _Level(self.surprise - other.surprise, self.total - other.total, self.squares - other.squares)

    def worth(self) -> float:
        """How many equal observations the weighted ones are worth (Kish, Survey Sampling, 1965)."""
        return self.total**2 / self.squares if self.total > TINY and self.squares > TINY else 0.0


NOTHING: Final = _Level()


def _sum(levels: Iterable[_Level]) -> _Level:
    return _Level(*map(sum, zip(NOTHING, *levels, strict=True)))


class _Learnt:
    """What a candidate's cells say, summed by level, and what is believed of the cells that were asked for."""

    __slots__ = ("beliefs", "cells", "everything", "prior", "tasks")

    def __init__(self, candidate: Candidate) -> None:
        self.prior = _Prior(dict(candidate.strengths))
        self.beliefs: dict[tuple[str, str], Belief] = {}
        self.cells = {(cell.task, cell.domain): self._level(cell) for cell in candidate.profile.cells}
        by_task: dict[str, list[_Level]] = {}
        for (task, _), level in self.cells.items():
            by_task.setdefault(task, []).append(level)
        self.tasks = {task: _sum(levels) for task, levels in by_task.items()}
        self.everything = _sum(self.tasks.values())

    def _level(self, cell: Cell) -> _Level:
        expected = 1.0 - self.prior.quality(cell.task, cell.domain)
        return _Level(cell.short - expected * cell.total, cell.total, cell.squares)

    def belief(self, task: str, domain: str) -> Belief:
        found = self.beliefs.get((task, domain))
        if found is None:
            found = self.beliefs[task, domain] = self._believe(task, domain)
        return found

    def summary(self, task: str | None) -> Summary:
        if task is None:
            own, levels = self.everything, [(self.everything, ALL_OF_THEM)]
        else:
            own = self.tasks.get(task, NOTHING)
            levels = [(self.everything.without(own), OTHER_TASKS), (own, ALL_OF_THEM)]
        prior = self.prior.quality(task or ANY, ANY)
        return Summary(_posterior(prior, self.prior.samples(task or ANY), levels), own.worth(), prior)

    def _believe(self, task: str, domain: str) -> Belief:
        cell, same = self.cells.get((task, domain), NOTHING), self.tasks.get(task, NOTHING)
        levels = [(self.everything.without(same), OTHER_TASKS), (same.without(cell), SAME_TASK), (cell, ALL_OF_THEM)]
        return _posterior(self.prior.quality(task, domain), self.prior.samples(task), levels)


def _posterior(prior: float, samples: float, levels: Iterable[tuple[_Level, float]]) -> Belief:
    """The prior quality after these levels, each of which counts for at most so many observations."""
    worth, moved = samples, 0.0
    for level, cap in levels:
        counts = min(cap, level.worth())
        if counts:
            worth += counts
            moved += counts * level.surprise / level.total
    return Belief(max(0.0, min(1.0, prior - moved / worth)), worth)


class _Prior:
    """The operator's strengths, read as expectations. Each task and domain is looked up once."""

    __slots__ = ("_domains", "_strengths", "_tasks", "_typical")

    def __init__(self, strengths: Mapping[str, float]) -> None:
        self._strengths = strengths
        self._typical = sum(strengths.values()) / len(strengths) if strengths else UNKNOWN
        self._tasks: dict[str, float | None] = {}
        self._domains: dict[str, float | None] = {}

    def quality(self, task: str, domain: str) -> float:
        """What is expected of a question of average difficulty before anything was measured."""
        named = self._of_task(task)
        of_task = self._typical if named is None else named
        of_domain = self._of_domain(domain)
        if of_domain is None:
            return of_task
        share = KNOWING_SHARE if task in KNOWING else DOMAIN_SHARE
        return (1 - share) * of_task + share * of_domain

    def samples(self, task: str) -> float:
        """How many observations that is worth."""
        return GUESS_SAMPLES if self._of_task(task) is None else PRIOR_SAMPLES

    def _of_task(self, task: str) -> float | None:
        if task not in self._tasks:
            self._tasks[task] = self._named((task, *FAMILIES.get(task, ())))
        return self._tasks[task]

    def _of_domain(self, domain: str) -> float | None:
        if domain not in self._domains:
            self._domains[domain] = self._named(DOMAIN_NAMES.get(domain, (domain,)))
        return self._domains[domain]

    def _named(self, names: tuple[str, ...]) -> float | None:
        return next((self._strengths[name] for name in names if name in self._strengths), None)


def expected(candidate: Candidate, intent: Intent) -> Belief:
    """The chance of a good answer: what is believed of the kind of question, adjusted for its complexity."""
    typical = belief(candidate, intent.task, intent.domain)
    quality = 1.0 - (1.0 - typical.quality) * DIFFICULTY[intent.complexity]
    return Belief(quality if quality > 0.0 else 0.0, typical.certainty)


def expected_quality(candidate: Candidate, intent: Intent) -> float:
    """The chance of a good answer, in [0, 1]."""
    return expected(candidate, intent).quality


def certainty(candidate: Candidate, intent: Intent) -> float:
    """How many observations the expected quality is worth, the prior's included."""
    return belief(candidate, intent.task, intent.domain).certainty


def belief(candidate: Candidate, task: str, domain: str) -> Belief:
    """The posterior of a kind of question. Derived once per candidate, then looked up."""
    return _learnt(candidate).belief(task, domain)


def summary(candidate: Candidate, task: str | None = None) -> Summary:
    """What is believed of a task over all domains, or of everything, for people to look at."""
    return _learnt(candidate).summary(task)


def _learnt(candidate: Candidate) -> _Learnt:
    found = candidate.memo.get("learnt")
    if found is None:
        found = candidate.memo["learnt"] = _Learnt(candidate)
    assert isinstance(found, _Learnt), "nobody else keeps anything under this name"
    return found


def with_profile(candidate: Candidate, profile: Profile) -> Candidate:
    """The candidate with what was measured of it, summed up already: the first question need not wait for that."""
    joined = replace(candidate, profile=profile)
    _learnt(joined)
    return joined


def measured(cells: Iterable[Cell], pace: Pace) -> Profile:
    """The profile that these sums make, all of them as of the same time."""
    return Profile(
        cells=tuple(cells),
        first_token_ms=sketch.quantile(pace.first_token, 0.5),
        first_token_p95_ms=sketch.quantile(pace.first_token, 0.95),
        tokens_per_s=sketch.quantile(pace.speed, 0.5),
        cost_micro_usd=pace.cost_per_answer(),
        error_rate=pace.share(pace.errors),
        refusal_rate=pace.share(pace.refused),
        truncation_rate=pace.share(pace.truncated),
        attempts=pace.attempts,
    )
