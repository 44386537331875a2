"""A type that is misspelt in a policy stops no text: it must not go unnoticed."""

from apps.operations.config import coverage, load, schema

KNOWN = frozenset({"IBAN_CODE", "PERSON", "SECRET"})


def notes(text: str) -> dict[str, str]:
    configuration = schema.validate(load.parse(text.encode()), {}.get)
    return {note.path: note.message for note in coverage.unknown_types(configuration, KNOWN)}


class TestUnknownTypes:
    def test_are_named_by_their_path_with_what_may_be_meant(self) -> None:
        found = notes("""
tenants:
- {slug: globex}
- slug: acme
  policy:
    sensitivity:
      force_self_hosted: [PERSON, IBAN_CODES]
      channels: {api: {mask_types: [SECRETS]}}
""")

        assert found == {
            "tenants[1].policy.sensitivity.force_self_hosted[1]": (
                "there is no entity type 'IBAN_CODES'; did you mean 'IBAN_CODE'? It stops no text."
            ),
            "tenants[1].policy.sensitivity.channels.api.mask_types[0]": (
                "there is no entity type 'SECRETS'; did you mean 'SECRET'? It stops no text."
            ),
        }

    def test_are_none_where_every_name_is_known(self) -> None:
        assert notes("tenants: [{slug: acme, policy: {sensitivity: {force_self_hosted: [SECRET]}}}]") == {}
