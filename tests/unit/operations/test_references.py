"""Names that mean nothing are found before anything is changed."""

from apps.operations.config import load, references, schema
from apps.operations.config.references import Known, KnownTenant

KNOWN = Known(
    adapters=frozenset({"openai"}),
    providers=frozenset({"house"}),
    models=frozenset({"local-llama"}),
    tenants={"acme": KnownTenant(teams=frozenset({"sales"}), emails=frozenset({"sam@acme.example"}))},
)
CATALOGUE = """
providers: [{name: openai, adapter: openai, base_url: https://api.openai.com/v1}]
models: [{name: gpt-mini, provider: openai, upstream: m, context_tokens: 10, max_output_tokens: 10}]
"""


def check(text: str) -> dict[str, str]:
    configuration = schema.validate(load.parse((CATALOGUE + text).encode()), {}.get)
    return {problem.path: problem.message for problem in references.check(configuration, KNOWN)}


class TestCheck:
    def test_accepts_what_is_in_the_file_or_exists_already(self) -> None:
        assert not check("""
tenants:
- slug: acme
  models: [gpt-mini, local-llama]
  users: [{email: erin@acme.example, teams: [sales, research]}]
  teams:
  - slug: research
    models: [local-llama]
    api_keys: [{name: ci, user: Sam@acme.example}, {name: cd, user: erin@acme.example}]
  policy: {strategy: "fixed:gpt-mini", rules: [{when: {team: [sales]}, deny: {providers: house}}]}
""")

    def test_finds_every_name_that_means_nothing(self) -> None:
        found = check("""
tenants:
- slug: acme
  models: [gpt-mni]
  budgets: [{period: day, limit: 1, models: [local-lama]}]
  users: [{email: erin@acme.example, teams: [{team: sale, admin: true}], role: operator}]
  teams:
  - slug: research
    models: [x]
    budgets: [{period: day, limit: 1, models: [y]}]
    api_keys: [{name: ci, user: e@acme.example}]
  policy:
    strategy: fixed:z
    rules: [{when: {team: [sales, interns]}, require: {models: [gpt-mini, q]}}, {deny: {providers: opnai}}]
    routes: [{when: {team: nobody}, use: [gpt-mini, w]}]
""")

        assert found.keys() == {
            "tenants[0].models[0]",
            "tenants[0].budgets[0].models[0]",
            "tenants[0].users[0].teams[0]",
            "tenants[0].users[0].role",
            "tenants[0].teams[0].models[0]",
            "tenants[0].teams[0].budgets[0].models[0]",
            "tenants[0].teams[0].api_keys[0].user",
            "tenants[0].policy.strategy",
            "tenants[0].policy.rules[0].when.team[1]",
            "tenants[0].policy.rules[0].require.models[1]",
            "tenants[0].policy.rules[1].deny.providers",
            "tenants[0].policy.routes[0].use[1]",
            "tenants[0].policy.routes[0].when.team",
        }
        assert found["tenants[0].models[0]"] == "there is no model 'gpt-mni'; did you mean 'gpt-mini'?"

    def test_finds_adapters_and_providers_that_do_not_exist(self) -> None:
        configuration = schema.validate(load.parse(CATALOGUE.encode()), {}.get)

        found = references.check(configuration, Known(adapters=frozenset({"anthropic"})))

        assert [problem.path for problem in found] == ["providers[0].adapter"]

    def test_knows_nothing_of_other_tenants(self) -> None:
        assert check("tenants: [{slug: globex, users: [{email: a@globex.example, teams: [sales]}]}]").keys() == {
            "tenants[0].users[0].teams[0]"
        }

    def test_does_not_stumble_over_a_policy_of_another_form(self) -> None:
        assert not check("tenants: [{slug: acme, policy: {rules: 5, routes: [1, {use: 7}], strategy: []}}]")
