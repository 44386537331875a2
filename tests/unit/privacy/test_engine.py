"""The engine fails closed, in time, and without the network."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.domain.limits import MAX_CLASSIFIED_BYTES
from apps.domain.privacy import Sensitivity
from apps.privacy.detection.engine import BUDGET_S, DETECTOR_ERROR, TIMEOUT, TOO_LONG, Engine
from apps.privacy.detection.nlp import ModelNotInstalled, NlpEngine
from apps.privacy.detection.recognizers._base import Hit
from apps.privacy.detection.recognizers.email import Email
from tests.support.privacy import DEFAULT, engine

HOSTILE = (
    "a.",
    "4",
    "4 1 ",
    "(",
    " ",
    "a@",
    "@",
    "Aa Bb ",
    "deadbeef",
    "QUJD",
    "%41",
    "&amp;",
    "\\u0041",
    "one ",
    "a dot ",
    "a at b dot ",
    "password=",
    "secret_key=",
    "1 Main ",
    ":",
    "1.",
    "a://b:",
    "eyJabcdefgh.",
    "sk-",
    "1 - ",
    "1l1l ",
    "Dear ",
    "123-45-6788 ",
    "ü ",
    "A1 ",
    "Maria Keller ",
    "01000001 ",
    "я1",
    "{",
    '"',
    "-----BEGIN RSA PRIVATE KEY-----",
    "account number ",
    "address: ",
    "bob.m@acme.com ",
)


class TestTime:
    @pytest.mark.parametrize("piece", HOSTILE)
    def test_stays_in_the_budget_whatever_the_text(self, piece: str) -> None:
        text = (piece * MAX_CLASSIFIED_BYTES)[:20_000]
        began = time.process_time()

        verdict = engine().analyse(text, DEFAULT)

        assert verdict.why == ""
        assert time.process_time() - began < BUDGET_S

    def test_calls_a_text_unclassified_whose_time_is_up(self) -> None:
        verdict = engine().analyse("mail jonas.weber@nordwind.de " * 2_000, DEFAULT, budget_s=0.001)

        assert (verdict.sensitivity, verdict.why) == (Sensitivity.UNCLASSIFIED, TIMEOUT)

    def test_calls_a_text_unclassified_that_is_too_long(self) -> None:
        fits, passes = "ä" * (MAX_CLASSIFIED_BYTES // 2), "ä" * (MAX_CLASSIFIED_BYTES // 2 + 1)

        assert engine().analyse(fits, DEFAULT).sensitivity is Sensitivity.CLEAN
        assert engine().analyse(passes, DEFAULT).why == TOO_LONG


class TestFaults:
    @pytest.mark.parametrize("fault", [ValueError, KeyError, RecursionError, MemoryError, AttributeError, OSError])
    def test_of_a_recogniser_make_the_text_unclassified(
        self, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
    ) -> None:
        def fails(*_: object) -> Iterator[Hit]:
            raise fault

        monkeypatch.setattr(Email, "scan", fails)

        verdict = engine().analyse("write to jonas.weber@nordwind.de", DEFAULT)

        assert (verdict.sensitivity, verdict.why) == (Sensitivity.UNCLASSIFIED, DETECTOR_ERROR)

    def test_of_a_regular_expression_that_hangs_are_time_outs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def hangs(*_: object) -> Iterator[Hit]:
            raise TimeoutError

        monkeypatch.setattr(Email, "scan", hangs)

        assert engine().analyse("write to jonas.weber@nordwind.de", DEFAULT).why == TIMEOUT

    @given(st.text(max_size=300))
    @settings(max_examples=80, deadline=None)
    def test_are_not_caused_by_any_text(self, text: str) -> None:
        assert engine().find(text).why == ""


class TestAModel:
    def test_that_is_not_installed_is_said_and_not_downloaded(self) -> None:
        with pytest.raises(ModelNotInstalled, match="xx_absent_model"):
            Engine("xx_absent_model")


PROGRAM = """
import sys
def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit("the detector opened a connection: " + event)
sys.addaudithook(forbid)
from apps.domain.policy import SensitivitySettings
from apps.privacy.detection.engine import Engine
texts = [
    "mail jonas.weber@nordwind.de or x@y.zz",
    "ring +44 20 7946 0958", "IBAN DE89370400440532013000", "Maria Keller",
]
found = [Engine().analyse(text, SensitivitySettings()).sensitivity.name for text in texts]
print(found)
"""


class TestTheNetwork:
    def test_is_never_used_from_a_fresh_process_on(self) -> None:
        run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100, check=False)

        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.count("SENSITIVE") == 4


class TestTheBlankPipeline:
    def test_has_lower_case_words_as_lemmas(self) -> None:
        assert NlpEngine().process_text("My SSN", "en").lemmas == ["my", "ssn"]

    def test_is_never_fed_with_what_people_write(self) -> None:
        before = len(engine().vocabulary)

        engine().find("Zyxomatic quurbelsnatch: call Mr. Fnordholm on 030 1234567, SIN 193 456 787")

        assert len(engine().vocabulary) == before


class TestWhatIsGuessed:
    def test_ends_where_an_identifier_begins_so_that_hiding_it_alone_leaves_the_identifier_whole(self) -> None:
        text = "Please write to Maria Keller DE89 3704 0044 0532 0130 00, about her refund"
        found = {finding.type: finding for finding in engine().find(text).findings}
        name, account = found["PERSON"], found["IBAN_CODE"]

        assert text[name.start : name.end].strip() == "Maria Keller"
        assert text[account.start : account.end] == "DE89 3704 0044 0532 0130 00"
        without = text[: name.start] + "[NAME]" + text[name.end :]
        assert "IBAN_CODE" in {finding.type for finding in engine().find(without).findings}
