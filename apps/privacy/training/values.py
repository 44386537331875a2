"""A value for every kind of slot: people, addresses of many countries, and things that are not private."""

import random
from calendar import month_name
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from faker import Faker

from apps.privacy.detection import names
from apps.privacy.training.people import HOME, People, faker

_LISTS: Final = Path(__file__).parent / "lists"
_WITH_ADDRESSES: Final = (
    "sv_SE", "da_DK", "no_NO", "fi_FI", "cs_CZ", "hu_HU", "hr_HR", "pt_PT", "pt_BR", "sl_SI", "sk_SK", "pl_PL", "nl_NL",
    "de_DE", "en_GB", "en_US", "fr_FR", "it_IT", "es_ES", "en_AU",
)  # fmt: skip
_GERMAN: Final = ("straße", "str.", "weg", "gasse", "allee", "platz", "damm", "ufer", "ring", "strasse")
_DUTCH: Final = ("straat", "laan", "gracht", "weg", "plein", "kade")
_NORTHERN: Final = (
    "vej", "gade", "gatan", "vägen", "veien", "gata", "tie", "katu", "utca", "út", " utca", " út", "ova", " ulica",
)  # fmt: skip
_FRENCH: Final = ("rue", "avenue", "boulevard", "place", "chemin", "impasse", "quai")
_SPANISH: Final = ("Calle", "calle", "C/", "Avenida", "Avda.", "Plaza", "Paseo")
_ITALIAN: Final = ("Via", "via", "Viale", "Piazza", "Corso", "Vicolo")
_MONTHS: Final = tuple(month_name[1:])


@cache
def listed(name: str) -> tuple[str, ...]:
    """One of the lists that were written for this project."""
    folder = Path(names.__file__).parent if name in {"public", "fictional"} else _LISTS
    lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


class Values:
    """Gives a value for a kind of slot in a language, from one source of chance."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.people = People(self.rng)
        Faker.seed(seed)

    def of(self, kind: str, language: str) -> str:
        """A value on one line. Raises `KeyError` for a kind that nobody knows."""
        if kind in _FROM_LISTS:
            return self.rng.choice(listed(_FROM_LISTS[kind]))
        maker = getattr(self.people, kind, None) or _MAKERS[kind].__get__(self)
        return str(maker(language)).replace("\n", " ")

    def street(self, language: str) -> str:
        """A street and a house number."""
        if self.rng.random() < 0.5:
            return str(self._country(language).street_address()).split("\n")[0]
        rng = self.rng
        number = f"{rng.randint(1, 9999 if rng.random() < 0.4 else 220)}{rng.choice(('', '', '', 'a', 'b', ' A'))}"
        name = rng.choice((self.people.last(language), self.people.first(language), rng.choice(listed("nature_words"))))
        return self._street(language, name, number)

    def _street(self, language: str, name: str, number: str) -> str:
        rng, share = self.rng, self.rng.random()
        word = name.split()[0]
        if language == "de" or share < 0.12:
            return f"{word}{rng.choice(_GERMAN)} {number}"
        if language == "nl" or share < 0.17:
            return f"{word}{rng.choice(_DUTCH)} {number}"
        if language == "fr" or share < 0.24:
            link = rng.choice(("de ", "du ", "des ", "", "de la "))
            return f"{number}{rng.choice((',', ''))} {rng.choice(_FRENCH)} {link}{name}"
        if language == "es" or share < 0.30:
            return f"{rng.choice(_SPANISH)} {rng.choice(('de ', 'del ', '', ''))}{name}{rng.choice((',', ''))} {number}"
        if language == "it" or share < 0.36:
            return f"{rng.choice(_ITALIAN)} {name}{rng.choice((',', ''))} {number}"
        if language == "pl" or share < 0.40:
            return f"{rng.choice(('ul.', 'al.', 'os.'))} {name} {number}"
        return self._elsewhere(share, name, number)

    def _elsewhere(self, share: float, name: str, number: str) -> str:
        rng = self.rng
        if share < 0.47:
            return f"{name.split()[0]}{rng.choice(_NORTHERN)} {number}"
        if share < 0.60:
            return f"{name} {number}" if share < 0.54 else f"{number} {name}"
        side = rng.choice(("", "", "", "N ", "S ", "West ", "Old ", "Upper "))
        flat = f"{rng.choice((' Apt ', ' Suite ', ', Flat ', ' #'))}{rng.randint(1, 900)}" if rng.random() < 0.2 else ""
        return f"{number} {side}{name} {rng.choice(listed('street_words'))}{flat}"

    def address(self, language: str) -> str:
        """A whole postal address."""
        city, code = self.city(language), self.postcode()
        rest = (
            f"{code} {city}", f"{city} {code}", f"{city}, {self.country(language)}",
            f"{city}, {self.region(language)} {code}", f"{code} {city}, {self.country(language)}", city,
        )  # fmt: skip
        return f"{self.street(language)}{self.rng.choice((', ', ' ', ', '))}{self.rng.choice(rest)}"

    def zipcity(self, language: str) -> str:
        return f"{self.postcode()} {self.city(language)}"

    def postcode(self) -> str:
        rng = self.rng
        pair = f"{rng.choice('ABDEFGH')}{rng.choice('JLNPQRS')}"
        return rng.choice(
            (
                str(rng.randint(10_000, 99_999)), str(rng.randint(1_000, 9_999)),
                f"{rng.choice('ABCDEGHKLMNPRSTW')}{rng.randint(1, 99)} {rng.randint(1, 9)}{pair}",
                f"{rng.randint(100, 999)} {rng.randint(10, 99)}", f"{rng.randint(1_000, 9_999)} {pair}",
            )
        )  # fmt: skip

    def city(self, language: str) -> str:
        return str(self._country(language).city())

    def country(self, language: str) -> str:
        return str(self._home(language).country())

    def region(self, _: str) -> str:
        return self.rng.choice(listed("regions"))

    def org(self, language: str) -> str:
        """A made-up company or institution."""
        rng, people = self.rng, self.people
        share = rng.random()
        if share < 0.3:
            return str(self._home(language).company()).strip()
        base = rng.choice(
            (
                people.last(language),
                rng.choice(listed("nature_words")) + people.last(language).lower(),
                self.city(language),
            )
        )
        word = rng.choice(listed("org_words"))
        return f"{base} {word}" if share < 0.85 else f"{base} & {people.last(language)} {word}"

    def figurelast(self, _: str) -> str:
        return self.rng.choice(listed("public")).split()[-1]

    def month(self, language: str) -> str:
        return self.rng.choice(_MONTHS) if language == "en" else str(self._home(language).month_name())

    def weekday(self, language: str) -> str:
        return str(self._home(language).day_of_week())

    def number(self, _: str) -> str:
        low, high = self.rng.choice(((2, 9), (10, 500), (1_000, 90_000)))
        return str(self.rng.randint(low, high))

    def date(self, _: str) -> str:
        rng = self.rng
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2026)
        forms = (
            f"{day}/{month}/{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day} {_MONTHS[month - 1]} {year}",
            f"{day}.{month}.{year}",
        )
        return rng.choice(forms)

    def phone(self, language: str) -> str:
        return str(self._home(language).phone_number())

    def email(self, _: str) -> str:
        return f"{self.rng.choice(('info', 'sales', 'hr', 'help'))}@{faker('en_US').domain_name()}"

    def iban(self, _: str) -> str:
        return str(faker("de_DE").iban())

    def time(self, _: str) -> str:
        return f"{self.rng.randint(1, 23)}:{self.rng.randint(0, 59):02}"

    def amount(self, _: str) -> str:
        sign, end = self.rng.choice(("€", "$", "£", "")), self.rng.choice(("", " EUR", " USD", ".50"))
        return f"{sign}{self.rng.randint(5, 90_000)}{end}"

    def id(self, _: str) -> str:
        return f"{self.rng.choice(('A', 'INV-', 'C', '#', ''))}{self.rng.randint(100, 9_999_999)}"

    def _home(self, language: str) -> Faker:
        return faker(HOME.get(language, ("sv_SE",))[0])

    def _country(self, language: str) -> Faker:
        home: Sequence[str] = HOME.get(language, ())
        usable = [locale for locale in home if locale in _WITH_ADDRESSES]
        return faker(self.rng.choice(usable if usable and self.rng.random() < 0.7 else _WITH_ADDRESSES))


_FROM_LISTS: Final[Mapping[str, str]] = {
    "brand": "brands", "product": "products", "work": "works", "place": "places", "figure": "public",
    "character": "fictional",
}  # fmt: skip
_KINDS: Final = (
    "street", "address", "zipcity", "city", "country", "region", "org", "figurelast", "month", "weekday", "number",
    "date", "phone", "email", "iban", "time", "amount", "id",
)  # fmt: skip
_MAKERS: Final = {kind: getattr(Values, kind) for kind in _KINDS}
