"""What privacy tells other apps beside `domain.privacy`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from apps.domain.ids import TenantId
from apps.domain.messages import PromptMessage, Tool
from apps.domain.policy import Policy, SensitivitySettings
from apps.domain.privacy import Finding, Sensitivity, Verdict


@dataclass(frozen=True, slots=True)
class Profile:
    """What counts as private in a channel and team of a company, at one version of its policy."""

    tenant: TenantId
    settings: SensitivitySettings
    dictionaries: Mapping[str, tuple[str, ...]]
    policy_version: int

    @classmethod
    def of(cls, tenant: TenantId, policy: Policy, *, channel: str, team: str | None) -> Self:
        """Args: `team` is its short name; None for none."""
        return cls(tenant, policy.sensitivity_for(channel=channel, team=team), policy.dictionaries, policy.version)


@dataclass(frozen=True, slots=True)
class Sent:
    """Everything that a request would send.

    `others` are further texts that travel with it (the JSON schema of the answer, stop sequences); `floor` is a label
    that it carries whatever is found in it.
    """

    messages: Sequence[PromptMessage]
    tools: Sequence[Tool] = ()
    others: Sequence[str] = ()
    floor: Sensitivity = Sensitivity.CLEAN


@dataclass(frozen=True, slots=True)
class Coverage:
    """What this process can classify: printed at start, in `/readyz` and in the README.

    `not_covered` are types that a policy may name and no recogniser finds; naming them changes nothing. `languages`
    says in which ones context words are known; patterns are independent of language, so none is refused. `countries`
    (ISO 3166) are those whose national identifiers are known.
    """

    mode: str
    covered: tuple[str, ...]
    not_covered: tuple[str, ...]
    languages: tuple[str, ...]
    normalisations: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding, who made it, and whether it counts under the settings; `why_not` is `not_named` (the type),
    `allowed` (the text) or `uncertain` (the score), else empty."""

    finding: Finding
    recognizers: tuple[str, ...]
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a text: `outcome` is `free`, `inside`, `masked` or `refused`. `cpu_ms` is what looking cost.

    `masked`: the text as models outside would see it, where it may leave like that.
    """

    verdict: Verdict
    outcome: str
    explained: tuple[Explained, ...]
    masked: str | None = field(default=None, repr=False)
    cpu_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Masked:
    """A request with placeholders for everything that was found, inspected again and free of findings.

    `values`: what each placeholder stands for; they never leave the process. `types`: how many values of each type.
    """

    messages: tuple[PromptMessage, ...] = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    types: tuple[tuple[str, int], ...]
