"""The model card of the artefact: what it was trained on, under which licences, and how good it is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from apps.routing.training.fit import SHARES
from apps.routing.training.rows import Row

LICENCES: Final = {
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
length. Hashed words, concepts of a small lexicon in five languages, and the shape of the text; one multinomial logistic
regression per head, weights as int8; logits divided by a temperature that was fitted on held-out written prompts.

Rendered by `manage.py train_intents`; do not edit.

## Use and limits
- It chooses among models that are permitted anyway. Nothing that protects data may depend on it.
- English and German best, then French, Spanish, Italian; other languages by the shape of the text and little else.
- Texts beyond 4,000 characters are read at their start and end.
- Labels of public rows are partly derived from their data set (an examination question is `factual_qa`), so figures on
  public rows flatter; figures on natural rows, of which nearly none was trained on, are what to expect from people.
- Settings were chosen with the natural rows in view, so that the figures on them are slightly too kind as well.
- Confidence is calibrated on written prompts; on natural ones it is still too sure (see the calibration error).

## Trained on
| source | prompts | what | licence |
|---|---|---|---|
"""


def render(version: str, rows: Sequence[Row], figures: Mapping[str, Mapping[str, float]]) -> str:
    """The card as Markdown."""
    lines = [_INTRO.format(version=version)]
    counts = Counter(_family(row.source) for row in rows if row.may_train)
    for family, count in sorted(counts.items()):
        what, licence = LICENCES.get(family, ("", "as its publisher states"))
        lines.append(f"| `{family}` | {count} | {what} | {licence} |\n")
    lines.append(
        f"\nRows that may not be trained on: {sum(not row.may_train for row in rows)}, used for measuring only.\n"
        "\n## Figures\nFive folds, grouped by the start of the prompt. `natural` are questions of real users.\n\n"
        "| head | share | rows | accuracy | calibration error | Spearman |\n|---|---|--:|--:|--:|--:|\n"
    )
    for head, found in figures.items():
        lines.extend(_line(head, share, found) for share in SHARES if f"{share}_rows" in found)
    return "".join(lines)


def _line(head: str, share: str, found: Mapping[str, float]) -> str:
    spearman = f"{found[f'{share}_spearman']:.2f}" if f"{share}_spearman" in found else ""
    return (
        f"| {head} | {share} | {found[f'{share}_rows']:.0f} | {found[f'{share}_accuracy']:.3f} "
        f"| {found[f'{share}_calibration_error']:.3f} | {spearman} |\n"
    )


def _family(source: str) -> str:
    return next((family for family in LICENCES if source.startswith(family)), source)
