"""What privacy tells other apps beside `domain.privacy`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.domain.turn import PromptMessage


@dataclass(frozen=True, slots=True)
class Coverage:
    """What this process can classify: printed at start, in `/readyz` and in the README.

    `not_covered` are types that a policy may name and no recogniser finds; naming them changes nothing. `languages`
    says in which ones context words are known; patterns are independent of language, so none is refused. `countries`
    (ISO 3166) are those whose national identifiers are known.
    """

    mode: str
    covered: tuple[str, ...]
    not_covered: tuple[str, ...]
    languages: tuple[str, ...]
    normalisations: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Masked:
    """A request with placeholders for everything that was found, inspected again and free of findings.

    `values`: what each placeholder stands for; they never leave the process. `types`: how many values of each type.
    """

    messages: tuple[PromptMessage, ...] = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    types: tuple[tuple[str, int], ...]
