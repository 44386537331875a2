"""What counts as private, and what then happens: the tenant's settings, profiles per channel or team, dictionaries."""

from collections.abc import Mapping
from dataclasses import replace

from apps.domain.policy import PRESETS, PersonLevel, SensitivitySettings
from apps.domain.privacy import PrivacyAction
from apps.policies.grammar.reading import Reader

PROFILE = ("preset", "force_self_hosted", "person", "action", "mask_types", "threshold", "allow")
CHANNELS = ("chat", "api", "lab")
TEAM = "team:"
DICTIONARY = "DICTIONARY"


def read_sensitivity(
    reader: Reader,
) -> tuple[SensitivitySettings, Mapping[str, SensitivitySettings], Mapping[str, tuple[str, ...]]]:
    """The tenant's settings, the profiles that replace them per channel or team, and the tenant's own terms."""
    keys = reader.keys((*PROFILE, "channels", "dictionaries"))
    settings = _profile(keys, SensitivitySettings())
    channels = _channels(keys["channels"], settings) if "channels" in keys else {}
    dictionaries = _dictionaries(keys["dictionaries"]) if "dictionaries" in keys else {}
    if any(dictionaries.values()):
        settings, channels = _forced(settings), {name: _forced(profile) for name, profile in channels.items()}
    return settings, channels, dictionaries


def _forced(profile: SensitivitySettings) -> SensitivitySettings:
    """A company lists its own terms so that they stay inside: they do, also where `force_self_hosted` omits them."""
    return replace(profile, force_self_hosted=profile.force_self_hosted | {DICTIONARY})


def _profile(keys: Mapping[str, Reader], base: SensitivitySettings) -> SensitivitySettings:
    """`base` with what the keys say; a profile changes only what it names. A preset is laid below its other keys."""
    settings = base
    if "preset" in keys:
        preset = PRESETS[keys["preset"].choice(tuple(PRESETS), "balanced")]
        settings = replace(
            settings, force_self_hosted=preset.force_self_hosted, person=preset.person, threshold=preset.threshold
        )
    if "force_self_hosted" in keys:
        settings = replace(settings, force_self_hosted=frozenset(keys["force_self_hosted"].texts()))
    if "person" in keys:
        levels = tuple(level.value for level in PersonLevel)
        settings = replace(settings, person=PersonLevel(keys["person"].choice(levels, base.person.value)))
    if "action" in keys:
        actions = tuple(action.value for action in PrivacyAction)
        settings = replace(settings, action=PrivacyAction(keys["action"].choice(actions, base.action.value)))
    if "mask_types" in keys:
        settings = replace(settings, mask_types=frozenset(keys["mask_types"].texts()))
    if "threshold" in keys:
        settings = replace(settings, threshold=keys["threshold"].fraction(base.threshold))
    if "allow" in keys:
        settings = replace(settings, allow=frozenset(text.casefold() for text in keys["allow"].texts()))
    return settings


def _channels(reader: Reader, base: SensitivitySettings) -> Mapping[str, SensitivitySettings]:
    if not isinstance(reader.value, Mapping):
        reader.wrong("This must be a mapping.")
        return {}
    teams = tuple(str(key) for key in reader.value if str(key).startswith(TEAM))
    return {name: _profile(place.keys(PROFILE), base) for name, place in reader.keys((*CHANNELS, *teams)).items()}


def _dictionaries(reader: Reader) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(reader.value, Mapping):
        reader.wrong("This must be a mapping from a name to a list of terms.")
        return {}
    return {str(name): reader.at(name).texts() for name in reader.value}
