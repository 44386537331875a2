"""A configuration for real servers in tests: two companies, a commercial and a self-hosted stub provider."""

from string import Template

PASSWORD = "correct horse battery staple"

PRICES = {
    "cloud-small": {"input": "1", "output": "4"},
    "cloud-large": {"input": "5", "output": "20"},
    "inside": {"input": "0", "output": "0"},
}

_CONFIG = Template("""
providers:
  - {name: cloud, adapter: openai, base_url: "$commercial", api_key: commercial-key, hosting: commercial, region: us,
     timeouts: {connect_s: 2, first_token_s: 4, between_tokens_s: 4, total_s: 60}}
  - {name: house, adapter: openai, base_url: "$inside", api_key: inside-key, hosting: self_hosted, region: eu,
     timeouts: {connect_s: 2, first_token_s: 4, between_tokens_s: 4, total_s: 60}}
models:
  - {name: cloud-small, provider: cloud, upstream: cloud-small, context_tokens: 100000, max_output_tokens: 4000,
     price: {input: "1", output: "4"}, capabilities: [tools, json], strengths: {coding: 0.6, math: 0.6, writing: 0.6}}
  - {name: cloud-large, provider: cloud, upstream: cloud-large, context_tokens: 100000, max_output_tokens: 4000,
     price: {input: "5", output: "20"}, capabilities: [tools, json], strengths: {coding: 0.9, math: 0.9, writing: 0.9}}
  - {name: inside, provider: house, upstream: inside, context_tokens: 100000, max_output_tokens: 4000,
     price: {input: "0", output: "0"}, capabilities: [tools, json], strengths: {coding: 0.4, math: 0.4, writing: 0.4}}
tenants:
  - slug: acme
    name: Acme GmbH
    timezone: Europe/Berlin
    users:
      - {email: erin@acme.example, name: Erin, role: employee, teams: [research], password: "$password"}
      - {email: mia@acme.example, name: Mia, role: employee, teams: [poor], password: "$password"}
      - {email: adam@acme.example, name: Adam, role: tenant_admin, teams: [research], password: "$password"}
      - {email: cleo@acme.example, name: Cleo, role: compliance_officer, password: "$password"}
    budgets: [{period: month, limit: "1000.00"}]
    teams:
      - {slug: research, name: Research, budgets: [{period: month, limit: "$research_limit"}]}
      - {slug: poor, name: Poor, models: [cloud-small], budgets: [{period: day, limit: "0.000010"}]}
    policy: {strategy: cheapest, titles: false, max_output_tokens: 500}
  - slug: globex
    name: Globex Corp
    users:
      - {email: erin@acme.example, name: Other Erin, role: employee, teams: [sales], password: "$password"}
      - {email: gus@globex.example, name: Gus, role: tenant_admin, password: "$password"}
    teams: [{slug: sales, name: Sales}]
    policy: {titles: false}
""")


def config(commercial: str, inside: str, *, research_limit: str = "250.00") -> str:
    """YAML for `manage.py apply`; the arguments are base URLs of stub providers."""
    return _CONFIG.substitute(commercial=commercial, inside=inside, research_limit=research_limit, password=PASSWORD)
