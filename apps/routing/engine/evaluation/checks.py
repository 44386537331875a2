"""How an answer is judged by rule, in [0, 1].

What only a judge model can tell is `Judged`, what only a sandbox can is `Executed`; neither is decided here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import orjson
import regex
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

PATTERN_S: Final = 0.5
"""Seconds that a pattern of a suite may run on an answer: suites come from tenants."""
MAX_PATTERN: Final = 2_000
MAX_ANSWERS: Final = 50
MAX_LANGUAGE: Final = 20
MAX_TESTS: Final = 20_000

_NUMBER: Final = re.compile(r"[-+−]?(?:\d{1,3}(?:[,\u00a0 '’]\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_DECIMAL_COMMA: Final = re.compile(r"(?<![\d.,])([-+−]?(?:\d{1,3}(?:\.\d{3})*|\d+)),(\d{1,2}|\d{4,})(?![\d,])")
_FENCED: Final = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)
_OUTER: Final = " \t\r\n.,;:!?\"'`*_()[]{}«»„“”‚‘’"


class UnfitCheck(Exception):
    """A check that cannot be used; the message says what is wrong with it, for whoever wrote the suite."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The answer, or its last line that is not empty, is one of `answers`; case and outer punctuation do not count."""

    answers: tuple[str, ...]

    def score(self, answer: str) -> float:
        lines = [line for line in answer.splitlines() if line.strip(_OUTER)]
        said = {_folded(answer), _folded(lines[-1])} if lines else set()
        return float(not said.isdisjoint(map(_folded, self.answers)))


@dataclass(frozen=True, slots=True)
class Numeric:
    """The last number of the answer lies within `tolerance` (absolute) of `value`."""

    value: float
    tolerance: float

    def score(self, answer: str) -> float:
        found = _NUMBER.findall(_DECIMAL_COMMA.sub(_with_point, answer))
        if not found:
            return 0.0
        last = float(re.sub(r"[,\u00a0 '’]", "", found[-1]).replace("−", "-"))
        return float(abs(last - self.value) <= self.tolerance)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern is found somewhere in the answer. One that runs for too long has not found anything."""

    pattern: str

    def score(self, answer: str) -> float:
        try:
            return float(regex.search(self.pattern, answer, timeout=PATTERN_S) is not None)
        except TimeoutError:
            return 0.0


@dataclass(frozen=True, slots=True)
class Schema:
    """The answer, or its only fenced block, is JSON that this schema (draft 2020-12) accepts."""

    schema: Mapping[str, Any]

    def score(self, answer: str) -> float:
        blocks = _FENCED.findall(answer)
        try:
            value = orjson.loads(blocks[0] if len(blocks) == 1 else answer)
            return float(_validator(self.schema).is_valid(value))
        except (orjson.JSONDecodeError, Unresolvable, RecursionError, TimeoutError):
            return 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge model compares the answer with `reference` under `rubric`."""

    rubric: str
    reference: str


@dataclass(frozen=True, slots=True)
class Executed:
    """The answer's only fenced block is run before `tests`, in a sandbox, and both end without an error."""

    language: str
    tests: str

    def program(self, answer: str) -> str | None:
        """What is run: the code of the answer, then the tests. None for an answer without exactly one block."""
        blocks: list[str] = _FENCED.findall(answer)
        return f"{blocks[0]}\n{self.tests}\n" if len(blocks) == 1 else None


Check = Exact | Numeric | Pattern | Schema | Judged | Executed


def read(record: object) -> Check:
    """The check that a suite states: `{"kind": "exact", "answers": [...]}` and so on.

    Raises:
        UnfitCheck: it is of no known kind, a field is missing or of the wrong type, a pattern or schema is invalid.
    """
    if not isinstance(record, dict):
        raise UnfitCheck("`check` must be an object with a `kind`.")
    reader = _READERS.get(str(record.get("kind")))
    if reader is None:
        raise UnfitCheck(f"`check.kind` must be one of {', '.join(_READERS)}.")
    return reader(record)


def _exact(record: Mapping[str, Any]) -> Exact:
    answers = record.get("answers")
    if not isinstance(answers, list) or not 0 < len(answers) <= MAX_ANSWERS or not all(map(_is_text, answers)):
        raise UnfitCheck(f"`check.answers` must be a list of 1 to {MAX_ANSWERS} texts.")
    if not all(map(_folded, answers)):
        raise UnfitCheck("An answer of `check.answers` is nothing but punctuation.")
    return Exact(tuple(answers))


def _numeric(record: Mapping[str, Any]) -> Numeric:
    value, tolerance = record.get("value"), record.get("tolerance", 0.0)
    if not _is_number(value) or not _is_number(tolerance) or tolerance < 0:
        raise UnfitCheck("`check.value` and `check.tolerance` must be numbers, the tolerance not below zero.")
    return Numeric(float(value), float(tolerance))


def _pattern(record: Mapping[str, Any]) -> Pattern:
    pattern = record.get("pattern")
    if not _is_text(pattern) or len(pattern) > MAX_PATTERN:
        raise UnfitCheck(f"`check.pattern` must be a text of 1 to {MAX_PATTERN} characters.")
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise UnfitCheck(f"`check.pattern` is no regular expression: {error}.") from error
    return Pattern(pattern)


def _schema(record: Mapping[str, Any]) -> Schema:
    schema = record.get("schema")
    if not isinstance(schema, dict):
        raise UnfitCheck("`check.schema` must be a JSON schema.")
    if _names(schema, "patternProperties"):
        raise UnfitCheck("`check.schema` may not use `patternProperties`: patterns there cannot be bounded in time.")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise UnfitCheck(f"`check.schema` is no JSON schema: {error.message}.") from error
    return Schema(schema)


def _judged(record: Mapping[str, Any]) -> Judged:
    rubric, reference = record.get("rubric"), record.get("reference")
    if not _is_text(rubric) or not _is_text(reference):
        raise UnfitCheck("`check.rubric` and `check.reference` must be texts.")
    return Judged(rubric, reference)


def _executed(record: Mapping[str, Any]) -> Executed:
    language, tests = record.get("language"), record.get("tests")
    if not _is_text(language) or not _is_text(tests) or len(language) > MAX_LANGUAGE or len(tests) > MAX_TESTS:
        raise UnfitCheck(f"`check.language` and `check.tests` must be texts, the tests of at most {MAX_TESTS:,}.")
    return Executed(language, tests)


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Check]]] = {
    "exact": _exact,
    "numeric": _numeric,
    "regex": _pattern,
    "json_schema": _schema,
    "judge": _judged,
    "code": _executed,
}


KINDS: Final[Mapping[str, type[Check]]] = {
    "exact": Exact,
    "numeric": Numeric,
    "regex": Pattern,
    "json_schema": Schema,
    "judge": Judged,
    "code": Executed,
}
"""What each `kind` of a suite becomes."""


def _validator(schema: Mapping[str, Any]) -> Any:
    """With a registry of its own that is empty: a schema of a suite fetches nothing from anywhere."""
    return _Bounded(schema, registry=Registry())


def _matches(validator: Any, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    """The keyword `pattern`, bounded in time. Raises `TimeoutError`."""
    if isinstance(instance, str) and not regex.search(pattern, instance, timeout=PATTERN_S):
        yield ValidationError("The pattern is not found.")


_Bounded: Final = extend(Draft202012Validator, {"pattern": _matches})


def _names(schema: object, keyword: str) -> bool:
    """Whether a keyword stands anywhere in a schema."""
    level = [schema]
    while level:
        if any(isinstance(item, dict) and keyword in item for item in level):
            return True
        level = [child for item in level for child in _children(item)]
    return False


def _children(item: object) -> Iterable[object]:
    return item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).strip(_OUTER)


def _with_point(match: "re.Match[str]") -> str:
    """ "1.234,50" as "1234.50"; a comma before three digits parts thousands."""
    return f"{match[1].replace('.', '')}.{match[2]}"


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
