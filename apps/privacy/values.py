"""What privacy tells other apps beside `domain.privacy`."""

from dataclasses import dataclass


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
