"""What can be told about a text without a model: words, language, code, the wish for JSON. All patterns are linear."""

import re
from dataclasses import dataclass
from typing import Final

HEAD_CHARS: Final = 3000
TAIL_CHARS: Final = 1000
"""A wish stands at the start or at the end; the middle of a long text is material."""

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[{}<>=$\\^|#;?!%€£]")
_CODE: Final = (
    ("```", re.compile("```")),
    (
        "",
        re.compile(
            r"^[ \t]*(?:def|class|import|from|public|private|function|const|let|var|#include|SELECT|CREATE TABLE)"
            r"[ \t]+\S",
            re.MULTILINE,
        ),
    ),
    (";", re.compile(r";[ \t]*$", re.MULTILINE)),
    ("for ", re.compile(r"\bfor \w+ in \w+")),
    (
        "(",
        re.compile(
            r"\b(?:print|range|len|console\.log|printf|println)\(|\bif ?\([^)\n]{1,80}\)"
            r"|\b\w+\([^)\n]{0,80}\)[ \t]*[;{:]"
        ),
    ),
    ("=>", re.compile("=>")),
    ("<", re.compile(r"</?\w+>")),
    ("Traceback", re.compile("Traceback")),
    ("Exception", re.compile(r"\bException\b")),
    ("$", re.compile(r"\$ ?(?:sudo|git|pip|npm|docker)\b")),
)
"""What looks like code, each behind a string that must occur: most texts then need no pattern."""
_JSON: Final = re.compile(
    r"\b(?:as|in|into|to|valid|return|output|reply|answer|als|im|ins|gültiges|en|au format|em|in formato)\s+"
    r"(?:a |an |ein(?:e|en)? |un |only |nur |strict |valid )?json\b"
    r"|\bjson[ -]?(?:object|array|schema|format|objekt|ausgabe|output)",
    re.IGNORECASE,
)
_STOPWORDS: Final = {
    "en": "the a an is are was were of and to in for on with what how why who which this that my me i you your please "
    "can do does it from be write give make explain should would about between have has not",
    "de": "der die das ein eine einen einem einer ist sind und oder zu im in für mit auf was wie warum wer welche "
    "dieser diese dieses mein mir ich du sie bitte kann nicht es von auch schreib schreibe erkläre zwischen wir uns "
    "den dem des bei nach aus über hat haben kannst mach gib unser unsere eines wird",
    "fr": "le la les un une des du de est sont et ou pour dans sur avec que qui quoi comment pourquoi ce cette mon ma "
    "moi je tu vous nous s'il plaît peux ne pas il elle écris fais donne entre au aux en par mes quelle quel",
    "es": "el la los las un una unos de del es son y o para en con que qué cómo por quién cuál este esta mi me yo tú "
    "usted favor puede puedes no se escribe haz dame entre al lo su sus nos más",
    "it": "il lo la i gli le un uno una di del della è sono e o per in con che chi cosa come perché quale questo "
    "questa mio mi io tu lei favore può puoi non si scrivi fai dammi tra al nel sul dei delle più",
    "pt": "o a os as um uma de do da dos é são e ou para em no na com que quem como por qual este esta meu me eu você "
    "favor pode não se escreva faça dê entre ao mais",
    "nl": "de het een is zijn en of te in voor met op wat hoe waarom wie welke deze dit mijn mij ik je u kan niet van "
    "schrijf maak geef tussen bij naar",
}
_LANGUAGES_OF: Final = {
    word: tuple(code for code, words in _STOPWORDS.items() if word in words.split())
    for word in {word for words in _STOPWORDS.values() for word in words.split()}
}
_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_LETTERS_OF: Final = (("de", "äöüß"), ("fr", "çèêœù"), ("es", "ñ¿¡"), ("it", "ìò"), ("pt", "ãõ"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the recogniser sees it: shortened, split into lower-case words, with what needs no model."""

    text: str
    words: tuple[str, ...]
    language: str
    """ISO 639-1, or `und`."""
    has_code: bool
    wants_json: bool


def read(text: str) -> Reading:
    """Read a text of any size; what lies between its first 3,000 and last 1,000 characters is not looked at."""
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
    text = text.strip()
    lowered = text.lower()
    words = tuple(_WORD.findall(lowered))
    return Reading(
        text=text,
        words=words,
        language=language_of(text, words),
        has_code=_has_code(text),
        wants_json="json" in lowered and _JSON.search(text) is not None,
    )


def _has_code(text: str) -> bool:
    return any(mark in text and pattern.search(text) for mark, pattern in _CODE)


def language_of(text: str, words: tuple[str, ...]) -> str:
    """The language by script, else by function words and letters of its own; `und` when nothing speaks for one."""
    sample = text[:400]
    is_ascii = sample.isascii()
    for code, letters in () if is_ascii else _SCRIPTS:
        if 3 * len(letters.findall(sample)) > len(sample):
            return code
    votes: dict[str, float] = {}
    for word in words[:80]:
        spoken = _LANGUAGES_OF.get(word, ())
        for code in spoken:
            votes[code] = votes.get(code, 0.0) + 1.0 / len(spoken)
    lowered = sample.lower()
    for code, own in () if is_ascii else _LETTERS_OF:
        if any(letter in lowered for letter in own):
            votes[code] = votes.get(code, 0.0) + 0.8
    if not votes:
        return "und"
    return max(sorted(votes), key=lambda code: votes[code])
