"""Every recogniser keeps the contract of its own EXAMPLES and NON_EXAMPLES, through the whole engine."""

import sys
from types import ModuleType

import pytest

from apps.domain.plugins import load
from apps.domain.policy import PersonLevel, SensitivitySettings
from apps.privacy.detection.classify import classify
from apps.privacy.detection.dictionary import Terms
from apps.privacy.detection.engine import OWN_NAMES
from apps.privacy.detection.recognizers._base import Recognizer, Scanner
from tests.support.privacy import engine, patterns

PLUGINS = load("apps.privacy.detection.recognizers", Recognizer)
TERMS = Terms(["Bluebird", "Project Falcon"])
SETTINGS = SensitivitySettings(person=PersonLevel.CONTEXT)


def _module(name: str) -> ModuleType:
    return sys.modules[f"apps.privacy.detection.recognizers.{name}"]


EXAMPLES = [(name, text, found) for name in PLUGINS for text, found in _module(name).EXAMPLES]
NON_EXAMPLES = [(name, text) for name in PLUGINS for text in _module(name).NON_EXAMPLES]


class TestEveryRecogniser:
    @pytest.mark.parametrize(("name", "text", "found"), EXAMPLES)
    def test_finds_its_examples_exactly(self, name: str, text: str, found: str) -> None:
        whole = engine() if name == OWN_NAMES else patterns()  # the trained one sees titles and towns as well
        verdict = classify(text, whole.find(text, TERMS).findings, SETTINGS)

        spans = [text[f.start : f.end] for f in verdict.findings if f.type in PLUGINS[name].supported_entities]

        assert found in spans

    @pytest.mark.parametrize(("name", "text"), NON_EXAMPLES)
    def test_leaves_its_non_examples_alone(self, name: str, text: str) -> None:
        verdict = classify(text, engine().find(text, TERMS).findings, SETTINGS)

        assert [f for f in verdict.findings if f.type in PLUGINS[name].supported_entities] == []

    @pytest.mark.parametrize("name", PLUGINS)
    def test_is_a_scanner_with_both_kinds_of_examples(self, name: str) -> None:
        assert isinstance(PLUGINS[name], Scanner)
        assert _module(name).EXAMPLES
        assert _module(name).NON_EXAMPLES

    @pytest.mark.parametrize("name", PLUGINS)
    def test_has_a_gate_that_opens_for_its_examples(self, name: str) -> None:
        from_gate = [found for text, found in _module(name).EXAMPLES if found]

        assert from_gate
        assert PLUGINS[name].name == name
