"""A tenant's settings decide what a finding means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.policy import PersonLevel, SensitivitySettings
from apps.domain.privacy import Finding, Sensitivity
from apps.privacy.detection.classify import classify
from tests.support.privacy import types

TYPES = ("PERSON", "SECRET", "EMAIL_ADDRESS", "NATIONAL_ID")
FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(TYPES), st.just(0), st.just(3), st.floats(0, 1, allow_nan=False)), max_size=6
)


def settings_for(*forced: str, **values: object) -> SensitivitySettings:
    return SensitivitySettings(force_self_hosted=frozenset(forced), **values)  # type: ignore[arg-type]


class TestClassify:
    def test_is_clean_without_findings(self) -> None:
        assert classify("abc", (), SensitivitySettings()).sensitivity is Sensitivity.CLEAN

    def test_ignores_types_that_force_nothing(self) -> None:
        found = (Finding("EMAIL_ADDRESS", 0, 3, 1.0),)

        assert classify("abc", found, settings_for("SECRET")).sensitivity is Sensitivity.CLEAN

    def test_knows_other_names_of_a_type(self) -> None:
        found = (Finding("NATIONAL_ID", 0, 3, 1.0),)

        assert classify("abc", found, settings_for("DE_TAX_ID")).sensitivity is Sensitivity.SENSITIVE

    def test_lets_the_allow_list_pass_whatever_its_case(self) -> None:
        found = (Finding("PHONE_NUMBER", 5, 14, 0.7),)
        allowed = settings_for("PHONE_NUMBER", allow=frozenset({"+49 30 ab"}))

        assert classify("call +49 30 AB", found, allowed).sensitivity is Sensitivity.CLEAN

    @given(FINDINGS, st.sets(st.sampled_from(TYPES)), st.sampled_from(TYPES))
    def test_never_lowers_a_label_when_a_type_is_added(self, found: list[Finding], some: set[str], more: str) -> None:
        before = classify("abc", found, settings_for(*some))
        after = classify("abc", found, settings_for(*some, more))

        assert after.sensitivity >= before.sensitivity

    @given(FINDINGS)
    def test_never_lowers_a_label_when_names_count_more(self, found: list[Finding]) -> None:
        labels = [classify("abc", found, settings_for("PERSON", person=level)).sensitivity for level in PersonLevel]

        assert labels == sorted(labels)


class TestPersonLevels:
    @pytest.mark.parametrize(
        ("text", "off", "context", "anyone"),
        [
            ("Laura Carvalho was late", False, True, True),
            ("my name is Zygimantas", False, True, True),
            ("I told Gudrun about the offer", False, False, True),
            ("then the parser went home", False, False, False),
        ],
    )
    def test_differ_as_published(self, text: str, off: bool, context: bool, anyone: bool) -> None:
        levels = (PersonLevel.OFF, PersonLevel.CONTEXT, PersonLevel.ANY)

        assert tuple("PERSON" in types(text, SensitivitySettings(person=level)) for level in levels) == (
            off,
            context,
            anyone,
        )
