"""Made-up people: of Faker's lists in two dozen countries, and names that no list has."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from faker import Faker

from apps.privacy.detection import names

HOME: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NG"),
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_CA", "fr_CH"),
    "es": ("es_ES", "es_MX", "es_AR"),
    "it": ("it_IT",),
    "nl": ("nl_NL", "nl_BE"),
    "pl": ("pl_PL",),
}
"""Faker's locales of a language."""
ABROAD: Final = (
    "sv_SE", "da_DK", "no_NO", "fi_FI", "cs_CZ", "hu_HU", "hr_HR", "pt_PT", "pt_BR", "ro_RO", "tr_TR", "sl_SI", "sk_SK",
    "et_EE", "lt_LT", "lv_LV", "id_ID", "vi_VN", "en_NG", "ig_NG", "yo_NG", "zu_ZA", "fil_PH", "sq_AL", "az_AZ",
    "pl_PL", "nl_NL",
)  # fmt: skip
INVENTED: Final = 0.3
"""Share of names that are made up letter by letter: what stands round them must then tell."""

_PARTICLES: Final = ("van der ", "de ", "von ", "Mc", "O'", "al-", "De ", "di ", "Mac", "dos ")
_INITIALS: Final = "ABCDEFGHJKLMNPRSTW"
_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Mr", "Mrs", "Ms", "Dr"),
    "de": ("Herr", "Frau", "Herrn", "Dr.", "Prof.", "Herr Dr.", "Frau Dr."),
    "fr": ("M.", "Mme", "Mlle", "Monsieur", "Madame", "Dr"),
    "es": ("Sr.", "Sra.", "Señor", "Señora", "Don", "Doña", "Dra."),
    "it": ("Sig.", "Signora", "Dott.", "Dott.ssa", "Sig.ra"),
    "nl": ("Dhr.", "Mevr.", "Mevrouw", "Meneer", "Dr."),
    "pl": ("Pan", "Pani", "dr"),
    "other": ("Dr.", "Herr", "Fru", "Sr."),
}
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ'’. -]+")
_ORDER: Final = 3


@cache
def faker(locale: str) -> Faker:
    """Faker of one locale."""
    return Faker(locale)


def invented(words: Iterable[str]) -> Callable[[random.Random], str]:
    """A maker of words that sound like these: a chain over the last three letters (Markov)."""
    follows: dict[str, list[str]] = defaultdict(list)
    for word in words:
        padded = f"{'^' * _ORDER}{word}$"
        for at in range(_ORDER, len(padded)):
            follows[padded[at - _ORDER : at]].append(padded[at])

    def make(rng: random.Random) -> str:
        while True:
            state, made = "^" * _ORDER, ""
            while len(made) < 16 and (letter := rng.choice(follows[state])) != "$":
                made, state = made + letter, (state + letter)[-_ORDER:]
            if 3 <= len(made) <= 13:
                return made

    return make


def _listed(name: str) -> list[str]:
    lines = (Path(names.__file__).parent / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class People:
    """Names in the forms in which people write them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._first, self._last = invented(_listed("first")), invented(_listed("last"))

    def first(self, language: str) -> str:
        return self._first(self.rng) if self.rng.random() < INVENTED else self._of_faker(language, "first_name")

    def child(self, language: str) -> str:
        """Of a riddle or a story: nobody in particular, so it has no label."""
        return self.first(language)

    def last(self, language: str) -> str:
        share = self.rng.random()
        if share < INVENTED:
            name = self._last(self.rng)
        elif share < INVENTED + 0.03:
            name = f"{self._last(self.rng)}-{self._last(self.rng)}"
        else:
            name = self._of_faker(language, "last_name")
        return self.rng.choice(_PARTICLES) + name if self.rng.random() < 0.04 else name

    def name(self, language: str) -> str:
        return f"{self.first(language)} {self.last(language)}"

    def full(self, language: str) -> str:
        """With a middle initial, a second first name, or two last names."""
        first, last, share = self.first(language), self.last(language), self.rng.random()
        if share < 0.5:
            return f"{first} {self.rng.choice(_INITIALS)}{self.rng.choice(('.', '.', ''))} {last}"
        return f"{first} {self.first(language)} {last}" if share < 0.8 else f"{first} {last} {self.last(language)}"

    def initial(self, language: str) -> str:
        letter = self.rng.choice(_INITIALS)
        last, first = self.last(language), self.first(language)
        return self.rng.choice((f"{letter}. {last}", f"{letter}.{last}", f"{first} {letter}."))

    def inverted(self, language: str) -> str:
        return f"{self.last(language)}, {self.first(language)}"

    def formal(self, language: str) -> str:
        title = self.rng.choice(_TITLES.get(language, _TITLES["other"]))
        return f"{title} {self.last(language) if self.rng.random() < 0.8 else self.name(language)}"

    def login(self, language: str) -> str:
        """As in a file name or an account."""
        first, last = self.first(language).replace(" ", ""), self.last(language).replace(" ", "")
        return self.rng.choice(
            (
                f"{first}_{last}".lower(), f"{first}-{last}".lower(), f"{first[0]}{last}", f"{first}_{last}",
                f"{last}_{first}", f"{first}{last}",
            )
        )  # fmt: skip

    def _of_faker(self, language: str, method: str) -> str:
        for _ in range(20):
            home = HOME.get(language)
            locale = self.rng.choice(home if home and self.rng.random() < 0.62 else ABROAD)
            name = str(getattr(faker(locale), method)())
            if _LATIN.fullmatch(name):
                return name
        return self._first(self.rng)
