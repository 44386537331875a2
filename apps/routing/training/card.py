"""The model card of the artefact: what it was trained on, under which licences, and how good it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.domain.intent import UNSURE_TASK
from apps.routing.training import measure
from apps.routing.training.fit import FOLDS, SHARES, Measured, figures
from apps.routing.training.rows import HEADS, Row

LICENCES: Final = {
    "typed": ("written as people type, and labelled, for this project", "as the project"),
    "written": ("written and labelled for this project", "as the project"),
    "composed": ("composed from phrases written for this project", "as the project"),
    "arena_hard": ("Arena-Hard-Auto prompts", "Apache-2.0"),
    "gpteacher": ("GPTeacher, role play", "MIT"),
    "gsm8k": ("GSM8K", "MIT"),
    "llmrouter_": ("public benchmarks as collected by LLMRouter", "MIT; the benchmarks keep their own"),
    "mmlu": ("MMLU", "MIT"),
    "mt_bench": ("MT-Bench", "Apache-2.0"),
    "selfinstruct": ("Self-Instruct seed tasks", "Apache-2.0"),
    "synthetic_translation": ("translation requests round public sentences", "marked as trainable by its collector"),
    "t0_p3": ("P3 prompts", "Apache-2.0; the data sets below keep their own"),
}  # fmt: skip
"""Beginning of a source's name -> what it is, and its licence as its publisher states it."""

_INTRO: Final = """# Intent recogniser `{version}`

Reads one question and names its task (13), domain (11 and `general`), complexity (1 to 5), creativity and expected
length. Hashed words, concepts of a small lexicon in five languages and the shape of the text go to a linear layer; a
table of word vectors (`words-v1.npz`) to a small network beside it; misspelt words are corrected first. Each class has
a column per origin of its training rows (people, arena, data sets, examinations) whose probabilities add up, with a
prior towards people. Logits are divided by a temperature that was fitted on held-out rows that may be trained on.

Rendered by `manage.py train_intents`; do not edit.

## Use and limits
- It chooses among models that are permitted anyway. Nothing that protects data may depend on it.
- English and German best, then French, Spanish, Italian; other languages by the shape of the text and little else.
- Texts beyond 4,000 characters are read at their start and end.
- Labels of public rows are partly derived from their data set (an examination question is `factual_qa`), so figures on
  public rows flatter; figures on natural rows, of which nearly none was trained on, are what to expect from people.
- Settings (the priors and the factors by which temperatures are raised above all) were chosen with the natural rows in
  view, so that figures on them are slightly too kind.
- The folds average two networks, the artefact three that have seen all rows: it should be a little better.
- A task with less confidence than {unsure} is `Intent.unsure`: strategies should then choose carefully.

## Word vectors
`words-v1.npz` holds a vector for each piece of the vocabulary of `sentence-transformers/all-MiniLM-L6-v2` (Apache-2.0;
its vocabulary is that of BERT, Apache-2.0), made by `manage.py distil_words`.

## Trained on
| source | prompts | what | licence |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure to reach: `most` instead of at least for an error."""

    what: str
    head: str
    share: str
    figure: str
    wanted: float
    most: bool = False


BARS: Final = (
    Bar("task, overall", "task", "overall", "accuracy", 0.82),
    Bar("task, natural prompts", "task", "natural", "accuracy", 0.62),
    Bar("domain", "domain", "overall", "accuracy", 0.78),
    Bar("length bucket", "length", "overall", "accuracy", 0.67),
    Bar("complexity, Spearman", "complexity", "overall", "spearman", 0.6),
    *(Bar(f"calibration error of {head}, natural", head, "natural", "calibration_error", 0.05, True) for head in HEADS),
    Bar("same task in spite of a typing error per 12 words", "task", "overall", "steady", 0.95),
)
"""What the project set out to reach, measured by cross-validation."""


def render(version: str, rows: Sequence[Row], measured: Mapping[str, Measured]) -> str:
    """The card as Markdown."""
    lines = [_INTRO.format(version=version, unsure=UNSURE_TASK)]
    counts = Counter(_family(row.source) for row in rows if row.may_train)
    for family, count in sorted(counts.items()):
        what, licence = LICENCES.get(family, ("", "as its publisher states"))
        lines.append(f"| `{family}` | {count} | {what} | {licence} |\n")
    lines.append(
        f"\nRows that may not be trained on: {sum(not row.may_train for row in rows)}, used for measuring only.\n"
    )
    lines.extend(_bars(measured))
    lines.extend(_figures(measured))
    lines.extend(_unsure(measured["task"]))
    lines.extend(_reliability(measured))
    return "".join(lines)


def _bars(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield (
        f"\n## Bars\n{FOLDS} folds, grouped by the start of the prompt.\n\n"
        "| bar | wanted | reached | met |\n|---|--:|--:|---|\n"
    )
    for bar in BARS:
        found = figures(measured[bar.head], bar.share).get(bar.figure)
        if found is None:
            yield f"| {bar.what} | {bar.wanted} | no rows | no |\n"
            continue
        met = found <= bar.wanted if bar.most else found >= bar.wanted
        yield f"| {bar.what} | {'<=' if bar.most else '>='} {bar.wanted} | {found:.3f} | {'yes' if met else 'no'} |\n"


def _figures(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield (
        "\n## Figures\n`overall` is the public share, `natural` its questions of real users, `unseen` what may not be "
        "trained on; `written` and `typed` are this project's own.\n\n"
        "| head | share | rows | accuracy | calibration error | same when misspelt | Spearman |\n"
        "|---|---|--:|--:|--:|--:|--:|\n"
    )
    for head, answers in measured.items():
        for share in SHARES:
            if found := figures(answers, share):
                spearman = f"{found['spearman']:.2f}" if "spearman" in found else ""
                yield (
                    f"| {head} | {share} | {found['rows']:.0f} | {found['accuracy']:.3f} "
                    f"| {found['calibration_error']:.3f} | {found['steady']:.3f} | {spearman} |\n"
                )


def _unsure(task: Measured) -> Iterator[str]:
    """What the band says: how many prompts are unsure, and how often the task is right inside and outside."""
    yield "\n## Unsure\n| share | unsure prompts | right when unsure | right when sure |\n|---|--:|--:|--:|\n"
    for share, belongs in SHARES.items():
        at = [place for place, row in enumerate(task.rows) if belongs(row)]
        unsure = task.probabilities[at].max(axis=1) < UNSURE_TASK
        hits = task.hits[at]
        if unsure.any() and not unsure.all():
            yield f"| {share} | {unsure.mean():.2f} | {hits[unsure].mean():.2f} | {hits[~unsure].mean():.2f} |\n"


def _reliability(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield (
        "\n## Reliability on natural rows\nIn `reliability.svg` as a plot.\n\n"
        "| head | rows | mean confidence | share right |\n|---|--:|--:|--:|\n"
    )
    for head, found in reliability(measured).items():
        for count, sure, right in found:
            yield f"| {head} | {count} | {sure:.2f} | {right:.2f} |\n"


def reliability(measured: Mapping[str, Measured], share: str = "natural") -> dict[str, list[tuple[int, float, float]]]:
    """Per head the bins of confidence: rows, mean confidence, share of right answers."""
    found = {}
    for head, answers in measured.items():
        at = [place for place, row in enumerate(answers.rows) if SHARES[share](row)]
        if at:
            found[head] = list(measure.bins(answers.probabilities[at].max(axis=1), answers.hits[at]))
    return found


def _family(source: str) -> str:
    return next((family for family in LICENCES if source.startswith(family)), source)
