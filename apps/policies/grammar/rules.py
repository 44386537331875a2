"""Rules and routes: `when` (all must hold), then what a model must be or must not be, or which models to prefer."""

from collections.abc import Mapping
from typing import Any

from apps.domain.catalogue import Hosting
from apps.domain.intent import CREATIVITY, DOMAINS, LENGTHS, TASKS
from apps.domain.policy import FACTS, TARGETS, Condition, Constraint, Route, Rule
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel
from apps.policies.grammar.reading import Reader

NUMBERS = frozenset({"intent.complexity", "context_tokens"})
WORDS: Mapping[str, tuple[str, ...]] = {
    "intent.task": TASKS,
    "intent.domain": DOMAINS,
    "intent.creativity": CREATIVITY,
    "intent.length": LENGTHS,
    "channel": tuple(channel.value for channel in Channel),
    "sensitivity": tuple(label.word for label in Sensitivity),
    "role": ("employee", "tenant_admin", "compliance_officer", "operator"),
}
"""Facts with a closed vocabulary: another word would be a rule that never applies."""


def read_rules(reader: Reader) -> tuple[Rule, ...]:
    return tuple(rule for index, item in enumerate(reader.items()) if (rule := _rule(item, index)))


def read_routes(reader: Reader) -> tuple[Route, ...]:
    return tuple(route for item in reader.items() if (route := _route(item)))


def _rule(reader: Reader, index: int) -> Rule | None:
    keys = reader.keys(("name", "when", "require", "deny"))
    when = _when(keys["when"]) if "when" in keys else ()
    effects = [kind for kind in ("require", "deny") if kind in keys]
    if len(effects) != 1:
        reader.wrong("A rule has exactly one of require and deny.")
        return None
    kind = effects[0]
    target, values = _effect(keys[kind])
    name = keys["name"].text() if "name" in keys else ""
    return Rule(when, Constraint(kind, target, values, name or _origin(index, when, kind, target, values)))


def _effect(reader: Reader) -> tuple[str, frozenset[str]]:
    keys = reader.keys(TARGETS)
    if len(keys) != 1:
        reader.wrong(f"Name exactly one of {', '.join(TARGETS)}.")
        return TARGETS[0], frozenset()
    ((target, value),) = keys.items()
    hostings = tuple(hosting.value for hosting in Hosting)
    if target == "hosting":
        return target, frozenset(value.one_or_many(lambda item: item.choice(hostings, hostings[0])))
    return target, frozenset(value.one_or_many(Reader.text))


def _route(reader: Reader) -> Route | None:
    keys = reader.keys(("when", "use"))
    if "use" not in keys:
        reader.wrong("A route says with `use` which models to prefer, best first.")
        return None
    return Route(_when(keys["when"]) if "when" in keys else (), keys["use"].one_or_many(Reader.text))


def _when(reader: Reader) -> tuple[Condition, ...]:
    return tuple(_condition(fact, value) for fact, value in reader.keys(FACTS).items())


def _condition(fact: str, reader: Reader) -> Condition:
    if isinstance(reader.value, Mapping):
        return _range(fact, reader)
    if fact in NUMBERS:
        numbers = reader.one_or_many(lambda item: item.whole(least=0, most=10**9, default=0))
        return Condition(fact, frozenset(str(number) for number in numbers))
    words = WORDS.get(fact)
    read = Reader.text if words is None else (lambda item: item.choice(words, words[0]))
    return Condition(fact, frozenset(reader.one_or_many(read)))


def _range(fact: str, reader: Reader) -> Condition:
    if fact not in NUMBERS:
        reader.wrong("Only numbers have a range; name a value or a list of values.")
        return Condition(fact)
    keys = reader.keys(("min", "max"))
    bounds = {name: float(value.whole(least=0, most=10**9, default=0)) for name, value in keys.items()}
    if not bounds:
        reader.wrong("A range has min, max, or both.")
    elif bounds.get("min", 0) > bounds.get("max", float("inf")):
        reader.wrong("The range is empty: min is larger than max.")
    return Condition(fact, minimum=bounds.get("min"), maximum=bounds.get("max"))


def _origin(index: int, when: tuple[Condition, ...], kind: str, target: str, values: frozenset[str]) -> str:
    """What people read when the rule excluded a model."""
    must = "must be" if kind == "require" else "must not be"
    effect = f"{target} {must} {' or '.join(sorted(values))}"
    conditions = " and ".join(_words(condition) for condition in when)
    return f"rule {index + 1}: " + (f"when {conditions}, {effect}" if conditions else effect)


def _words(condition: Condition) -> str:
    fact = condition.fact.removeprefix("intent.").replace("_", " ")
    if condition.values:
        return f"{fact} is {' or '.join(sorted(condition.values))}"
    bounds: list[Any] = []
    if condition.minimum is not None:
        bounds.append(f"at least {condition.minimum:.0f}")
    if condition.maximum is not None:
        bounds.append(f"at most {condition.maximum:.0f}")
    return f"{fact} is {' and '.join(bounds)}"
