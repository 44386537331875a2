"""Postal addresses by their patterns: number and street in the orders of many countries, flats, boxes, postcodes."""

from collections.abc import Callable, Collection, Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("she lives at 742 Evergreen Terrace now", "742 Evergreen Terrace"),
    ("Hauptstraße 12a, 80331 München", "Hauptstraße 12a"),
    ("send it to 12 rue de la Paix", "12 rue de la Paix"),
    ("Via Roma 10", "Via Roma 10"),
    ("P.O. Box 4321", "P.O. Box 4321"),
    ("PSC 4095, Box 8316", "PSC 4095, Box 8316"),
    ("Kungsgatan 44, Stockholm", "Kungsgatan 44"),
    ("4100 N Lincoln Ave Apt 5", "4100 N Lincoln Ave Apt 5"),
    ("Springfield, IL 62704", "Springfield, IL 62704"),
)
NON_EXAMPLES = (
    "I have 3 roads to choose from", "in 2019 Wall Street fell", "the 5 Ways to win", "chapter 12 Drive safely",
    "10 Downing tools",
    "100 Square meters", "run 5 Circle functions", "the 3 Way handshake",
)  # fmt: skip

_SUFFIX = (
    r"Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|"
    r"Parkway|Pkwy|Highway|Hwy|"
    r"Circle|Cir|Trail|Trl|Crescent|Cres|Close|Mews|Grove|Gardens|Row|Quay|Alley|Loop|Plaza|Turnpike|Pike|Expressway|"
    r"Crossing|Hill|Esplanade|"
    r"Bridge|Walk|Parade|Rise|View|Run|Path|Heights|Green|Landing|Point|Ridge|Meadow|Fork|Orchard|Station"
)
_NAME = (
    r"(?:(?:[NSEW]|NE|NW|SE|SW|North|South|East|West|St|Saint|Old|New|Upper|"
    r"Lower)\.?\s)?\p{Lu}[\p{L}'’.-]+(?:\s\p{Lu}[\p{L}'’.-]+){0,3}"
)
_HOUSE = r"\d{1,5}[A-Za-z]?(?:[-/]\d{1,4}[a-z]?)?"
_ENGLISH = rf"(?<![\w.$€£#-]){_HOUSE},?\s{_NAME}\s(?:{_SUFFIX})\b\.?"
_GERMANIC = (
    r"(?<!\w)\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|(?:stadt|markt|nord|süd|ost|west)ring|damm|"
    r"ufer|stieg|steig|chaussee|gatan|"
    r"vägen|väg|gränd|vej|gade|"
    r"veien|vegen|veg|gata|allé|straat|laan|plein|gracht|kade|dijk|singel|stræde|katu|tie|kuja|polku|vegur|stígur|"
    r"götu)\s\d{1,4}\s?[a-zA-Z]?(?:\s?[-–/]\s?\d{1,4})?(?![\w%€$])"
)
_GERMAN_TWO = (
    r"(?<!\w)(?:\p{Lu}[\p{L}.-]+\s){1,3}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|"
    r"Chaussee)\s\d{1,4}\s?[a-z]?(?!\w)"
)
_ROMANCE_WORD = (
    r"rue|avenue|av\.?|ave\.?|boulevard|bd\.?|bld|place|chemin|allée|impasse|quai|route|cours|faubourg|square|"
    r"passage|via|viale|piazza|piazzale|corso|vicolo|"
    r"largo|strada|contrada|calle|c/|avenida|avda\.?|plaza|paseo|carretera|ronda|camino|rúa|travesía|rua|travessa|"
    r"praça|estrada|alameda|ulica|ul\.?|aleja|al\.?|"
    r"os\.|osiedle|trg|cesta|ulice|nám\.|náměstí|strada|str\.|bulevardul|bd|calea|utca|út|улица|ул\.|проспект|пр\."
)
_NUMBER_FIRST = (
    rf"(?<![\w.$€£])\d{{1,5}}(?:\s?(?:bis|ter|[a-c]))?,?\s(?i:{_ROMANCE_WORD})\s(?:(?:de|du|des|la|le|les|l['’]|del|"
    rf"della|dei|d['’]|do|da|dos)\s?){{0,3}}\p{{Lu}}[\p{{L}}'’.-]+(?:\s(?:de\s|la\s)?\p{{Lu}}[\p{{L}}'’.-]+){{0,3}}"
)
_NUMBER_LAST = (
    rf"(?<![\w/])(?i:{_ROMANCE_WORD})\s(?:(?:de|du|des|la|las|los|el|le|les|l['’]|del|della|dei|d['’]|do|da|"
    rf"dos)\s?){{0,3}}(?:\p{{Lu}}|\d{{1,2}}\s)[\p{{L}}'’.-]+(?:\s(?:de\s|la\s|"
    rf"di\s)?\p{{Lu}}?[\p{{L}}'’.-]+){{0,3}},?\s(?:n[.º°]?\s?)?\d{{1,5}}[a-zA-Z]?(?![\w%€$])"
)
_HUNGARIAN = r"(?<!\w)\p{Lu}[\p{L}.-]+(?:\s\p{Lu}[\p{L}.-]+){0,2}\s(?:u\.|utca|út|tér|krt\.|körút|sor|köz)\s\d{1,4}\.?"
_BOX = (
    r"(?<!\w)(?:P\.?\s?O\.?\s?Box|Post(?:al)?\s?(?:Office\s)?Box|Postfach|Boîte postale|B\.?P\.|"
    r"Apartado(?: de correos)?|Casella postale|Postbus)\s\d{1,6}|(?<!\w)(?:PSC|CMR|Unit)\s\d{1,5},?\s(?:Box|"
    r"APO)\s?\d{0,6}|(?<!\w)(?:APO|FPO|DPO)\s(?:AE|AP|AA)\s\d{5}"
)
_FLAT = (
    r"(?<!\w)(?:Apt|Apartment|Suite|Ste|Unit|Flat|Appt|Whg|Wohnung|Appartement|Lejl|Byt|Building|"
    r"Bldg)\.?[ ]?#?[ ]?\d{1,5}[A-Za-z]?(?=\s*(?:,|\n|\.|$|\p{Lu}))"
)
_US_PLACE = (
    r"(?<!\w)\p{Lu}[\p{L}.'-]+(?:\s\p{Lu}[\p{L}.'-]+){0,2},?\s(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|"
    r"M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|"
    r"PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]|PR|GU|VI)\s\d{5}(?:-\d{4})?(?!\d)"
)
_UK_POSTCODE = r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])"
_CORNER = r"(?i:corner of)\s\d{0,4}\s?\p{Lu}[\p{L}\d .'’-]{2,40}\s(?:and|&)\s\p{Lu}[\p{L}'’.-]+"
_LABELLED = (
    r"(?i:(?:(?:home|street|postal|mailing|billing|shipping|delivery|my|his|her|their|your|office)\s)?address(?:\sis|"
    r":)|(?i:anschrift|adresse|wohnhaft in|dirección|indirizzo|endereço|"
    r"adres)\s?:)\s{0,3}\K[^\n:]{0,40}?\d[^\n:]{3,80}"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez)"
_LIVES = (
    r"(?i:lives? at|living at|resides? at|moved to|meet me at|address is|address to|located at|wohnt in der|"
    r"wohne in der|habite au|vive en|abita in)\s\K(?:\d{1,5}[a-z]?,?\s(?:\d{1,5}\s)?"
    rf"(?!{_MONTH})\p{{Lu}}\p{{Ll}}[\p{{L}}'’.-]+(?:\s\p{{Lu}}[\p{{L}}'’.-]+){{0,3}}|"
    r"\p{Lu}[\p{L}'’.-]+(?:\s\p{Lu}[\p{L}'’.-]+){0,3}\s\d{1,4}[a-z]?(?!\w))"
)

_SUFFIX_WORDS = frozenset(_SUFFIX.lower().split("|"))
_ROMANCE_WORDS = frozenset(
    word.strip("\\.?/") for word in _ROMANCE_WORD.replace("\\.?", "").replace("\\.", "").split("|")
)
_GERMANIC_STEMS = (
    "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "stieg", "steig",
    "chaussee", "gat", "väg", "gränd",
    "vej", "gade", "veien", "vegen", "veg", "allé", "straat", "laan", "plein", "gracht", "kade", "dijk", "singel",
    "stræde", "katu", "tie",
    "kuja", "polku", "stígur", "göt", "götu",
)  # fmt: skip

Gate = Callable[[Traits], bool]


def _words(found: Collection[str]) -> Gate:
    return lambda traits: not traits.words.isdisjoint(found)


def _stems(*found: str) -> Gate:
    return lambda traits: traits.mentions(*found)


_GERMAN = _stems(*_GERMANIC_STEMS)
_ROMANCE = _words(_ROMANCE_WORDS)
_PATTERNS: tuple[tuple[Gate, "regex.Pattern[str]", float], ...] = tuple(
    (gate, regex.compile(pattern), score)
    for gate, pattern, score in (
        (_words(_SUFFIX_WORDS), _ENGLISH, 0.6),
        (_GERMAN, _GERMANIC, 0.7),
        (_GERMAN, _GERMAN_TWO, 0.7),
        (_ROMANCE, _NUMBER_FIRST, 0.65),
        (_ROMANCE, _NUMBER_LAST, 0.6),
        (_words({"u", "utca", "út", "tér", "krt", "körút", "sor", "köz"}), _HUNGARIAN, 0.65),
        (_words({"box", "postfach", "boîte", "bp", "b", "apartado", "casella", "postbus", "psc", "cmr", "unit",
        "apo", "fpo", "dpo"}), _BOX, 0.6),
        (_words({"apt", "apartment", "suite", "ste", "unit", "flat", "appt", "whg", "wohnung", "appartement",
        "lejl", "byt", "building",
                 "bldg"}), _FLAT, 0.45),
        (lambda traits: b"AA 99999" in traits.outline, _US_PLACE, 0.55),
        (lambda traits: b" 9AA" in traits.outline, _UK_POSTCODE, 0.5),
        (_words({"corner"}), _CORNER, 0.5),
        (_stems("address", "anschrift", "adres", "wohnhaft", "dirección", "indirizzo", "endereço"), _LABELLED, 0.6),
        (_stems("live", "meet me", "address", "located", "living at", "reside", "moved to", "wohn", "habite",
        "vive", "abita"), _LIVES, 0.6),
    )
)  # fmt: skip
_FUNCTION_WORDS = frozenset(
    {"The", "This", "That", "These", "Those", "What", "How", "Why", "When", "If", "For", "And", "But"}
)
_NO_STREETS = regex.compile(r"(?:19|20)\d\d\s|\d+\s(?:The|Most|Ways?|Points?|Runs?|Views?|Steps?|Key|Best|Main|Top)\b")


class StreetAddress(Scanner):
    """Without a digit there is no address; a year before a street's name is no house number."""

    entities = ("STREET_ADDRESS",)

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 1 and not traits.text.islower()

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for gate, pattern, score in _PATTERNS:
            if not gate(facts.traits):
                continue
            for match in facts.matches(pattern):
                if not _NO_STREETS.match(match[0]) and _FUNCTION_WORDS.isdisjoint(match[0].split()):
                    yield Hit("STREET_ADDRESS", match.start(), match.end(), score)


PLUGIN = StreetAddress()
