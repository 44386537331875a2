import orjson

from apps.domain.errors import InvalidRequest
from apps.domain.sentences import Sentence, said, say


class TestASentence:
    def test_is_its_text_wherever_text_is_expected(self) -> None:
        sentence = say("rate", "Only {limit} of {what}.", limit=3, what="{braces}")

        assert sentence == "Only 3 of {braces}."
        assert orjson.dumps([sentence]) == b'["Only 3 of {braces}."]'

    def test_tells_machines_what_it_says(self) -> None:
        assert said(say("rate", "Only {limit}.", limit=3, scope="team")) == {
            "code": "rate",
            "params": {"limit": 3, "scope": "team"},
        }

    def test_that_nobody_gave_a_code_tells_nothing(self) -> None:
        assert said("Only three.") is None
        assert said(say("rate", "Only {limit}.", limit=3)[:4]) is None

    def test_keeps_its_code_in_an_error(self) -> None:
        assert isinstance(InvalidRequest(say("wrong", "It is wrong.")).detail, Sentence)
