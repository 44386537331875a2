"""The model card: what the recogniser of names was trained on, under which licences, and how good it is."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from apps.privacy.training.fit import Plan, Trained
from apps.privacy.training.templates import Template

_INTRO: Final = """# Recogniser of names and addresses `{version}`

Labels the words of a text as a private person, a street address, a place, an organisation, or none of these. Hashed
embeddings of each word's form and of two lists of names, four convolutions over nine words, a softmax; {size:.1f} MB.
It stands beside the patterns and the gazetteer, never in their place.

Rendered by `manage.py train_names`; do not edit. The same data, seed and Python version give the same model.

## Use and limits
- English best, then German, French, Spanish, Italian and Dutch, a little of others; Latin script.
- Publicly known people and people of fiction count only at the level `any`; a private person who bears such a name is
  missed more often.
- First names in riddles and stories were taught as harmless, so one that was meant seriously there is missed as well.
- What is found has a probability, which the policy's `threshold` and the level of `person` are compared with.

## Trained on
| what | how many | licence |
|---|--:|---|
{sources}
Names of people come from Faker (MIT) and, one in three, from a chain of letters over the same lists; streets and towns
from Faker and from the patterns of a dozen countries; companies from Faker and word lists of this project.

Prompts of Arena-Hard, GSM8K, MT-Bench, Self-Instruct and HumanEval were left out: false alarms are measured on them.

## Figures
Each network: {rounds} rounds of {texts} texts, weights averaged over the steps. Measured is one that some private
sentences were kept from: its recall on those, with new names of which half are in no list, at a share of alarms on
prompts of people that were kept out as well. The served one was trained on these sentences too, and by three others
that were (distillation), which makes it steadier. Patterns and gazetteer find much of it as well and are not counted
here; `make bench` measures all of it together.

| alarms | from a probability of | recall of single sentences |
|--:|--:|--:|
"""


def render(
    version: str, size: int, templates: Sequence[Template], prompts: int, code: int, trained: Trained, plan: Plan
) -> str:
    """The card as Markdown; `size` in bytes."""
    counts = Counter(f"sentences, {template.language}" for template in templates)
    rows = [(f"{name}, written for this project", many, "as the project") for name, many in sorted(counts.items())]
    rows += [
        ("prompts: MMLU, P3, GPTeacher, benchmarks collected by LLMRouter, own ones", prompts, "MIT, Apache-2.0"),
        ("pieces of Python's standard library", code, "PSF-2.0"),
    ]  # fmt: skip
    sources = "".join(f"| {what} | {many} | {licence} |\n" for what, many, licence in rows)
    head = _INTRO.format(version=version, size=size / 1e6, sources=sources, rounds=plan.rounds, texts=f"{plan.texts:,}")
    return head + "".join(
        f"| {share:.0%} | {limit:.3f} | {recall:.3f} |\n" for share, (limit, recall) in trained.figures.items()
    )


def write(path: Path, **values: object) -> None:
    """Write the card beside the model."""
    card = render(path.stem, path.stat().st_size, **values)  # type: ignore[arg-type]
    path.with_name("MODEL_CARD.md").write_text(card, encoding="utf-8")
