"""Secrets that show by their form: keys of clouds and model providers, tokens, private keys, connection strings."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

_A = "Ab3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zC"  # filler of the examples: no such key was ever issued

EXAMPLES = (
    (f"OPENAI_API_KEY={'sk'}-proj-{_A}{_A}", f"{'sk'}-proj-{_A}{_A}"),
    (f"key {'sk'}-ant-api03-{_A}{_A}", f"{'sk'}-ant-api03-{_A}{_A}"),
    (f"use {'AKIA'}QWERTYUIOPAS2345 here", f"{'AKIA'}QWERTYUIOPAS2345"),
    (f"the token {'ghp'}_{_A}abcd leaked", f"{'ghp'}_{_A}abcd"),
    (f"{'xox'}b-123456789012-1234567890123-{_A[:24]}", f"{'xox'}b-123456789012-1234567890123-{_A[:24]}"),
    (f"{'AIza'}{_A}abc is in the page", f"{'AIza'}{_A}abc"),
    ("postgres://app:S3cr3t!pw@db.internal:5432/prod", "postgres://app:S3cr3t!pw@"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpwYXNzd29yZDEyMw=="),
    (f"{'eyJ'}hbGciOiJIUzI1NiJ9.{'eyJ'}zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
     f"{'eyJ'}hbGciOiJIUzI1NiJ9.{'eyJ'}zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
    (f"{'sk'}_live_{_A}", f"{'sk'}_live_{_A}"),
    (f"{'hf'}_{_A}ab", f"{'hf'}_{_A}ab"),
    (f"{'glpat'}-{_A[:20]}", f"{'glpat'}-{_A[:20]}"),
)  # fmt: skip
NON_EXAMPLES = (
    "API_KEY=<your-key-here>", "sk-learn is a library, sk-proj too", "postgres://user:password@localhost/db",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "https://example.com:8080/a@b",
    "the JWT starts with eyJ",
    "Authorization: Bearer $TOKEN",
)  # fmt: skip

_B = r"(?<![A-Za-z0-9])"  # nothing of a word before it
_E = r"(?![A-Za-z0-9])"

FORMATS: dict[str, tuple[tuple[str, ...], str]] = {
    # name: (stems of which one must occur in the text, pattern); the pattern's group `v`, if any, is the secret
    "aws_access_key_id": (("AKIA", "ASIA", "ABIA", "ACCA"), rf"{_B}A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{{16}}{_E}"),
    "aws_session_token": (("FwoG", "IQoJ"), rf"{_B}(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9/+=]{{80,}}+"),
    "aws_bedrock": (("ABSK", "bedrock-api-key-"), rf"{_B}(?:ABSK[A-Za-z0-9+/]{{80,}}+=*|"
                                                  rf"bedrock-api-key-[A-Za-z0-9+/=]{{20,}}+)"),
    "openai": (("sk-",), rf"{_B}sk-(?:proj-|svcacct-|admin-|None-)?(?=[A-Za-z_-]{{0,60}}\d)[A-Za-z0-9_-]{{20,}}+"),
    "anthropic": (("sk-ant-",), rf"{_B}sk-ant-[a-z0-9]{{3,10}}-[A-Za-z0-9_-]{{20,}}+"),
    "openrouter": (("sk-or-",), rf"{_B}sk-or-v1-[0-9a-f]{{32,}}+"),
    "google_api": (("AIza",), rf"{_B}AIza[A-Za-z0-9_-]{{35}}(?![A-Za-z0-9_-])"),
    "google_oauth": (("GOCSPX-", "ya29."), rf"{_B}(?:GOCSPX-[A-Za-z0-9_-]{{24,}}+|ya29\.[A-Za-z0-9_-]{{30,}}+)"),
    "azure_storage": (("AccountKey=", "SharedAccessKey="), r"(?:AccountKey|SharedAccessKey)"
                                                           r"=(?P<v>[A-Za-z0-9+/]{40,}+={0,2})"),
    "azure_client_secret": (("8Q~", "7Q~"), rf"{_B}[A-Za-z0-9_~.-]{{3}}[78]Q~[A-Za-z0-9_~.-]{{31,34}}{_E}"),
    "azure_sas": (("sig=",), r"[?&](?:sv|se|sp|sr)=[^\s\"'<>]{4,300}?[&]sig=(?P<v>[A-Za-z0-9%+/=]{30,}+)"),
    "github": (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    rf"{_B}(?:gh[pousr]_[A-Za-z0-9]{{30,}}+|github_pat_[A-Za-z0-9_]{{40,}}+)"),
    "gitlab": (("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"),
    rf"{_B}gl(?:pat|dt|rt|ptt|cbt|soat|oas)-[A-Za-z0-9_.-]{{18,}}+"),
    "slack_token": (("xox", "xapp-"), rf"{_B}(?:xox[abeprs](?:\.xox[bp])?-[A-Za-z0-9-]{{15,}}+|"
                                      rf"xapp-\d-[A-Za-z0-9-]{{20,}}+)"),
    "slack_webhook": (("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,}+"),
    "discord": (("discord",), r"discord(?:app)?\.com/api/webhooks/\d{10,}/[A-Za-z0-9_-]{20,}+"),
    "discord_bot": (("M", "N", "O"),
    rf"{_B}[MNO][A-Za-z\d_-]{{23,25}}\.[A-Za-z\d_-]{{6}}\.[A-Za-z\d_-]{{27,38}}(?![\w-])"),
    "teams_webhook": (("webhook.office.com",), r"[a-z0-9-]+\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{60,}+"),
    "telegram": ((":AA",), r"(?<!\w)\d{8,10}:AA[A-Za-z0-9_-]{30,}+"),
    "stripe": (("k_live_", "k_test_", "whsec_"), rf"{_B}(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{{16,}}+|"
                                                 rf"whsec_[A-Za-z0-9+/=]{{24,}}+)"),
    "square": (("sq0", "EAAA"), rf"{_B}(?:sq0[a-z]{{3}}-[A-Za-z0-9_-]{{22,}}+|EAAA[A-Za-z0-9_-]{{60}})"),
    "paypal": (("access_token$",), r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    "shopify": (("shpat_", "shpca_", "shppa_", "shpss_"), rf"{_B}shp(?:at|ca|pa|ss)_[a-fA-F0-9]{{32}}{_E}"),
    "twilio": (("SK", "AC"), rf"{_B}(?:SK|AC)[0-9a-f]{{32}}{_E}"),
    "sendgrid": (("SG.",), rf"{_B}SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{16,64}}"),
    "mailgun": (("key-",), rf"{_B}key-[0-9a-f]{{32}}{_E}"),
    "mailchimp": (("-us",), rf"{_B}[0-9a-f]{{32}}-us\d{{1,2}}{_E}"),
    "brevo": (("xkeysib-", "xsmtpsib-"), rf"{_B}x(?:key|smtp)sib-[a-f0-9]{{64}}-[A-Za-z0-9]{{16}}"),
    "huggingface": (("hf_", "api_org_"), rf"{_B}(?:hf|api_org)_[A-Za-z0-9]{{30,}}+"),
    "replicate": (("r8_",), rf"{_B}r8_[A-Za-z0-9]{{30,}}+"),
    "groq": (("gsk_",), rf"{_B}gsk_[A-Za-z0-9]{{40,}}+"),
    "xai": (("xai-",), rf"{_B}xai-[A-Za-z0-9]{{60,}}+"),
    "perplexity": (("pplx-",), rf"{_B}pplx-[A-Za-z0-9]{{40,}}+"),
    "fireworks": (("fw_",), rf"{_B}fw_[A-Za-z0-9]{{20,}}+"),
    "nvidia": (("nvapi-",), rf"{_B}nvapi-[A-Za-z0-9_-]{{40,}}+"),
    "pinecone": (("pcsk_",), rf"{_B}pcsk_[A-Za-z0-9_]{{40,}}+"),
    "langsmith": (("lsv2_", "ls__"), rf"{_B}(?:lsv2_(?:pt|sk)_[0-9a-f]{{32}}_[0-9a-f]{{10}}|ls__[0-9a-f]{{32}})"),
    "tavily": (("tvly-",), rf"{_B}tvly-(?:dev-|prod-)?[A-Za-z0-9]{{20,}}+"),
    "openroute": (("or-",), rf"{_B}or-(?=[A-Za-z_-]{{0,60}}\d)[A-Za-z0-9_-]{{30,}}+"),
    "npm": (("npm_",), rf"{_B}npm_[A-Za-z0-9]{{30,}}+"),
    "pypi": (("pypi-",), rf"{_B}pypi-[A-Za-z0-9_-]{{50,}}+"),
    "rubygems": (("rubygems_",), rf"{_B}rubygems_[0-9a-f]{{40,}}+"),
    "docker": (("dckr_",), rf"{_B}dckr_(?:pat|oat)_[A-Za-z0-9_-]{{20,}}+"),
    "digitalocean": (("dop_v1_", "doo_v1_", "dor_v1_"), rf"{_B}do[opr]_v1_[a-f0-9]{{40,}}+"),
    "heroku": (("HRKU-",), rf"{_B}HRKU-[A-Za-z0-9_-]{{30,}}+"),
    "vault": (("hvs.", "hvb.", "s."), rf"{_B}(?:hv[sbr]\.[A-Za-z0-9_-]{{20,}}+|"
                                      rf"s\.[A-Za-z0-9]{{24}}(?![A-Za-z0-9.(_]))"),
    "terraform": (("atlasv1",), r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}+"),
    "databricks": (("dapi",), rf"{_B}dapi[0-9a-f]{{32}}(?:-\d)?{_E}"),
    "grafana": (("glsa_", "glc_"), rf"{_B}(?:glsa_[A-Za-z0-9]{{32}}_[A-Fa-f0-9]{{8}}|glc_[A-Za-z0-9+/=]{{32,}}+)"),
    "newrelic": (("NRAK-", "NRII-"), rf"{_B}NR(?:AK|II|AL|JS)-[A-Za-z0-9_-]{{20,}}+"),
    "sentry": (("sntrys_", "sntryu_"), rf"{_B}sntry[su]_[A-Za-z0-9+/=_-]{{40,}}+"),
    "linear": (("lin_api_",), rf"{_B}lin_api_[A-Za-z0-9]{{32,}}+"),
    "notion": (("secret_", "ntn_"), rf"{_B}(?:secret_[A-Za-z0-9]{{43}}|ntn_[A-Za-z0-9]{{40,}}){_E}"),
    "figma": (("figd_",), rf"{_B}figd_[A-Za-z0-9_-]{{30,}}+"),
    "atlassian": (("ATATT3", "ATCTT3", "ATBB"), rf"{_B}(?:AT[AC]TT3[A-Za-z0-9_=.-]{{60,}}+|ATBB[A-Za-z0-9]{{28,}}+)"),
    "postman": (("PMAK-",), rf"{_B}PMAK-[a-f0-9]{{24}}-[a-f0-9]{{34}}"),
    "dropbox": (("sl.",), rf"{_B}sl\.(?:u\.)?[A-Za-z0-9_-]{{100,}}+"),
    "facebook": (("EAA",), rf"{_B}EAA[A-Za-z0-9]{{80,}}+"),
    "supabase": (("sbp_", "sb_secret_"), rf"{_B}(?:sbp_[a-f0-9]{{40}}|sb_secret_[A-Za-z0-9_-]{{20,}}+)"),
    "planetscale": (("pscale_",), rf"{_B}pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{{30,}}+"),
    "cloudflare": (("v1.0-",), rf"{_B}v1\.0-[a-f0-9]{{24}}-[a-f0-9]{{140,}}+"),
    "age": (("AGE-SECRET-KEY-",), r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    "artifactory": (("AKCp", "cmVmd"), rf"{_B}(?:AKCp[A-Za-z0-9]{{69}}|cmVmdGtu[A-Za-z0-9]{{50,}}+)"),
    "private_key": (("PRIVATE KEY",), r"-{5}BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: "
                                      r"BLOCK)?-{5}[A-Za-z0-9+/=\s:,.()-]{0,4000}+(?:-{5}END (?:[A-Z0-9]+ "
                                      r"){0,3}PRIVATE KEY(?: BLOCK)?-{5})?"),
    "putty_key": (("PuTTY-User-Key-File",), r"PuTTY-User-Key-File-\d: [a-z0-9-]+"),
    "jwt": (("eyJ",), rf"{_B}eyJ[A-Za-z0-9_-]{{8,}}+\.eyJ[A-Za-z0-9_-]{{8,}}+\.[A-Za-z0-9_-]{{10,}}+"),
    "jwe": (("eyJ",), rf"{_B}eyJ[A-Za-z0-9_-]{{16,}}+\.[A-Za-z0-9_-]*+(?:\.[A-Za-z0-9_-]{{10,}}+){{3}}"),
    "authorization": (("uthorization", "UTHORIZATION", "earer "),
    r"(?:[Aa]uthorization|AUTHORIZATION)[\"']?\s*[:=]\s*[\"']?(?:[Bb]asic|[Bb]earer|"
    r"[Tt]oken)\s+(?P<v>(?=[A-Za-z_.+/=~-]{0,60}\d)[A-Za-z0-9_.+/=~-]{12,}+)|"
    r"[Bb]earer\s+(?P<w>(?=[A-Za-z_.+/=~-]{0,60}\d)[A-Za-z0-9_.+/=~-]{20,}+)"),
    "credentials_in_url": (("://",), r"(?<![A-Za-z0-9+])[A-Za-z][A-Za-z0-9+.-]{1,24}://[^\s:/@\"'<>|"
                                     r"]{0,80}:(?P<p>[^\s/@\"'<>|]{3,120})@(?=[A-Za-z0-9\[_$<{-])"),
    "password_hash": (("$2", "$argon2", "$6$", "pbkdf2_"), r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|"
                                                           r"d)\$v=\d+\$[^\s\"']{30,200}|"
                                                           r"\$6\$[^\s$]{4,16}\$[./A-Za-z0-9]{80,90}|"
                                                           r"pbkdf2_sha256\$\d+\$[^\s\"']{30,200}"),
}  # fmt: skip

_COMPILED = tuple((stems, regex.compile(pattern)) for stems, pattern in FORMATS.values())
_EXAMPLE = regex.compile(
    r"EXAMPLE|example|x{6,}|X{6,}|0{12,}|1234567890abcdef|your[_-]|YOUR[_-]|<|\.\.\.|\*{4,}", regex.V0
)
_COMMON_PASSWORDS = frozenset(
    {
        "password",
        "pass",
        "pwd",
        "secret",
        "passwd",
        "postgres",
        "root",
        "guest",
        "user",
        "mypassword",
        "changeme",
        "example",
    }
)


class SecretFormat(Scanner):
    """Each format runs only when one of its stems occurs, so a text without keys costs a few microseconds."""

    entities = ("SECRET",)

    def gate(self, traits: Traits) -> bool:
        return traits.longest >= 14 or "PRIVATE KEY" in traits.text

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for stems, pattern in _COMPILED:
            for stem in stems:  # a loop, not any(): this runs sixty times for every text
                if stem in text:
                    yield from _hits(facts, pattern)
                    break


def _hits(facts: Artifacts, pattern: "regex.Pattern[str]") -> Iterator[Hit]:
    for match in facts.matches(pattern):
        if _is_real(match):
            start, end = _span(match)
            yield Hit("SECRET", start, end, 0.95)


def _span(match: "regex.Match[str]") -> tuple[int, int]:
    for group in ("v", "w"):
        if group in match.re.groupindex and match[group] is not None:
            start, end = match.span(group)
            return start, end
    start, end = match.span()
    return start, end


def _is_real(match: "regex.Match[str]") -> bool:
    if "p" in match.re.groupindex:
        password = match["p"]
        return (
            password.lower() not in _COMMON_PASSWORDS
            and password[0] not in "<{[$%*"
            and "example" not in password.lower()
        )
    return _EXAMPLE.search(match[0]) is None


PLUGIN = SecretFormat()
