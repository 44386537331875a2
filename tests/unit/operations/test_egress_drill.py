"""The drill knows its canaries in any spelling, the detector knows them too, and a leak is caught."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from apps.domain.catalogue import is_offered
from apps.domain.ids import TenantId
from apps.domain.privacy import Sensitivity
from apps.operations.drill import running
from apps.operations.drill.api_probes import CONTROL
from apps.operations.drill.api_probes import PROBES as OVER_THE_API
from apps.operations.drill.canaries import KINDS, Canary
from apps.operations.drill.company import TEAMS, Company
from apps.operations.drill.fault_probes import PROBES as WITH_FAULTS
from apps.operations.drill.scene import Scene
from apps.operations.drill.sinks import Sink
from tests.support.privacy import DEFAULT, engine

Made = Callable[[], Canary]
each_kind = pytest.mark.parametrize("make", KINDS, ids=[make.__name__ for make in KINDS])


class TestACanary:
    @each_kind
    def test_is_private_in_its_sentence(self, make: Made) -> None:
        for _ in range(20):
            canary = make()
            verdict = engine().analyse(canary.sentence, DEFAULT)

            assert verdict.sensitivity is Sensitivity.SENSITIVE
            assert canary.kind in {finding.type for finding in verdict.findings}

    @each_kind
    @pytest.mark.parametrize("before", ["", "a", "ab"])
    def test_is_recognised_in_every_spelling(self, make: Made, before: str) -> None:
        canary = make()
        spellings = [
            canary.value,
            " ".join(canary.value),
            "\u200b".join(canary.value),
            json.dumps("\u200b".join(canary.value)),
            quote(canary.value, safe=""),
            base64.b64encode(f"{before}{canary.value}{before}".encode()).decode(),
        ]

        assert [canary.is_in(f"{before}{spelled}.".encode()) for spelled in spellings] == [True] * len(spellings)

    @each_kind
    def test_is_not_another_one(self, make: Made) -> None:
        assert not make().is_in(make().sentence.encode())


def leaking(scene: list[Scene]) -> Any:
    """An application that sends whatever it is asked to the sink outside."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        scene[0].outside._received.append(bytearray(message["body"]))
        scene[0].outside.asked += 1
        headers = [(b"x-openroute-hosting", b"commercial")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return application


def mute(_: list[Scene]) -> Any:
    """An application that answers and sends nothing anywhere."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    return application


def scene_with(kind: Callable[[list[Scene]], Any]) -> Scene:
    held: list[Scene] = []
    company = Company(TenantId(1), {}, dict.fromkeys(TEAMS, "or-drill"))
    held.append(Scene(kind(held), company, Sink(1000.0), Sink(1000.0), KINDS))
    return held[0]


async def findings(scene: Scene, monkeypatch: pytest.MonkeyPatch, *probes: Any) -> list[running.Finding]:
    monkeypatch.setattr(running, "PROBES", probes)
    return [finding async for finding in running._each(scene)]


class TestALeak:
    async def test_fails_every_probe_that_plants_a_canary(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = [probe for probe in OVER_THE_API if probe.name != "api.split"]  # no half is the value
        found = await findings(scene_with(leaking), monkeypatch, *whole)

        assert [finding.probe for finding in found if finding.passed] == []
        assert {finding.leaked for finding in found} == {len(KINDS)}

    async def test_of_harmless_text_is_what_the_control_wants(self, monkeypatch: pytest.MonkeyPatch) -> None:
        (leaked,) = await findings(scene_with(leaking), monkeypatch, CONTROL)
        (kept,) = await findings(scene_with(mute), monkeypatch, CONTROL)

        assert (leaked.passed, kept.passed) == (True, False)

    async def test_while_the_detector_is_dead_is_one_even_without_a_canary(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (probe,) = [probe for probe in WITH_FAULTS if probe.name == "detector.no-inside"]
        (leaked,) = await findings(scene_with(leaking), monkeypatch, probe)
        (kept,) = await findings(scene_with(mute), monkeypatch, probe)

        assert (leaked.passed, leaked.leaked, kept.passed) == (False, 0, True)


class TestItsModels:
    def test_are_nobodys_who_does_not_name_them(self) -> None:
        models = {model for named in TEAMS.values() for model in named}

        assert not any(is_offered(model, None) for model in models)
        assert all(is_offered(model, models) for model in models)
        assert is_offered("gpt-mini", None)


class TestWhatIsTried:
    def test_is_what_the_rules_keep_inside_on_every_channel(self) -> None:
        profile = {"force_self_hosted": ["SECRET"]}
        rules = {"sensitivity": {"force_self_hosted": ["SECRET", "IBAN_CODE"], "channels": {"api": profile}}}

        assert [make.__name__ for make in running._private_kinds(rules)] == ["secret"]
        assert len(running._private_kinds({})) == len(KINDS)

    def test_is_refused_where_nothing_is_private(self) -> None:
        with pytest.raises(running.NothingIsPrivate):
            running._private_kinds({"sensitivity": {"force_self_hosted": ["PERSON"]}})
