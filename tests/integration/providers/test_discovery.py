"""What the first start offers, from servers that answer."""

import pytest
from pytest_django import Settings

from apps.providers import discovery
from tests.support.upstream import Upstream

FREE = {"input": "0", "output": "0"}


@pytest.fixture(autouse=True)
def _listed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]


class TestDiscover:
    def test_finds_nothing_in_an_empty_environment(self) -> None:
        assert discovery.discover({}) == ()

    def test_leaves_out_who_does_not_answer_or_is_not_listed(self) -> None:
        environ = {"OLLAMA_BASE_URL": "http://127.0.0.1:1", "VLLM_BASE_URL": "http://10.0.0.1:8000"}

        assert discovery.discover(environ) == ()

    def test_offers_local_models_as_commercial_and_free_unless_a_cloud_runs_them(self) -> None:
        with Upstream(
            prices={"llama3.2:3b": {}, "gpt-oss:120b-cloud": {}, "nomic-embed-text": {}}
        ).in_thread() as ollama:
            (found,) = discovery.discover({"OLLAMA_BASE_URL": f"http://127.0.0.1:{ollama.port}/"})

        assert found["provider"]["hosting"] == "commercial"
        assert found["provider"]["base_url"] == ollama.base_url
        assert {model["upstream"]: model["price"] for model in found["models"]} == {
            "gpt-oss:120b-cloud": None,
            "llama3.2:3b": FREE,
        }

    def test_offers_openai_chat_models_with_their_prices_and_names_the_key_instead_of_copying_it(self) -> None:
        names = ("gpt-5-mini", "gpt-4o-audio-preview", "gpt-4o-2024-08-06", "text-embedding-3-small", "gpt-unheard-of")
        with Upstream(prices={name: {} for name in names}).in_thread() as upstream:
            (found,) = discovery.discover({"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": upstream.base_url})

            assert upstream.requests[0].headers["authorization"] == "Bearer sk-secret"

        assert found["provider"]["api_key"] == "${OPENAI_API_KEY}"
        assert "sk-secret" not in str(found)
        assert [model["name"] for model in found["models"]] == ["gpt-5-mini"]
        assert set(found["models"][0]["price"]) == {"input", "output", "cached_input"}
        assert found["models"][0]["context_tokens"] > 100_000
