"""Secrets beside their name: passwords in sentences, assignments in code, env and configuration files."""

from collections.abc import Iterator
from math import log2

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("the root password is hunter2!", "hunter2!"),
    ("DB_PASSWORD=Tr0ub4dor&3", "Tr0ub4dor&3"),
    ('password: "correct horse battery 9"', "correct horse battery 9"),
    ("Mein Passwort lautet Sommer2024!", "Sommer2024!"),
    ("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzKEYab1", "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzKEYab1"),
    ("mysql -u root -pS3cretPw9 shop", "S3cretPw9"),
    ('{"client_secret": "9f8e7d6c5b4a39281706f5e4d3c2b1a0"}', "9f8e7d6c5b4a39281706f5e4d3c2b1a0"),
    ("login with user tom and pw Kx9-31aZ", "Kx9-31aZ"),
    ("mot de passe : Azerty123!", "Azerty123!"),
    ("PIN: 4821", "4821"),
    ("curl -u admin:Zx81-qq9 https://h/", "Zx81-qq9"),
)
NON_EXAMPLES = (
    "API_KEY=<your-key-here>", "password = input('Password: ')", "the password is required", "password: str",
    "token = get_token(user)",
    "How long should a password be? 12 characters", "password=os.environ['DB_PASSWORD']", "secret = ${SECRET}",
    "api_key = 'YOUR_API_KEY'",
    "password must contain 8 characters", "tokens: 4096", "max_tokens=2048", "the key is important",
    "password = 'password'",
    "secret: [SECRET_1]", "token_count = 12345678",
)  # fmt: skip

_NAMES_OF_PASSWORDS = (
    r"password|passwd|passphrase|pass phrase|passwort|kennwort|pwd|pw|mot de passe|mdp|contraseña|contrasena|clave|"
    r"senha|parola d'ordine|"
    r"wachtwoord|lösenord|hasło|пароль|密码|パスワード|비밀번호|login code|passcode"
)
_NAMED = regex.compile(
    rf"(?<![\p{{L}}\d])(?:[\p{{L}}\d]{{1,30}}[_-]){{0,4}}(?:{_NAMES_OF_PASSWORDS})(?:[_-][\p{{L}}\d]{{1,12}}){{0,2}}"
    r"[\"'`*]{0,3}(?:\s?\([^)\n]{1,30}\))?\s{0,3}(?P<verb>=>|:=|[:=：]|->|is now|is|was|lautet|ist|war|est|es|è|为|是|"
    r"to|\s)\s{0,3}"
    r"(?P<quote>[\"'`])?(?P<value>(?(quote)[^\"'`\n]{4,80}|[^\s\"'`,;]{4,80}))", regex.I
)  # fmt: skip
_ASSIGNED = regex.compile(
    r"(?:api[_-]?key|apikey|secret(?:[_-]?(?:access[_-]?)?key)?|access[_-]?key|auth[_-]?key|private[_-]?key|"
    r"(?:access|auth|refresh|bot|api|session|bearer|id)?[_-]?token|encryption[_-]?key|signing[_-]?key|credentials?|"
    r"client[_-]?secret|"
    r"master[_-]?key|license[_-]?key|service[_-]?key)(?:[_-](?:id|value|prod|dev|live|v\d))?[\"'`]{0,2}\s{0,3}(?:=>|"
    r":=|[:=]|\bis\b|\blautet\b)\s{0,3}"
    r"(?P<quote>[\"'`])?(?P<value>(?(quote)[^\"'`\s]{10,200}|[A-Za-z0-9_+/=.~!@#$%^&*-]{10,200}+))", regex.I
)  # fmt: skip
_FLAGS = regex.compile(
    r"(?<!\S)(?:mysql|mysqldump|mariadb)\s[^\n]{0,60}?\s-p(?P<a>[^\s'\"-][^\s]{4,40})|"
    r"(?<!\S)(?:-u|--user|--basic)\s+[\"']?[\w.@-]{1,40}:(?P<b>[^\s\"':]{4,60})|"
    r"(?<!\S)(?:--password|--pass|--token|--api-key|-pw|sshpass\s+-p)[= ]\s*[\"']?(?P<c>[^\s\"']{5,80})"
)
_PIN = regex.compile(
    r"(?<![\p{L}\d])(?:pin|pin[- ]?code|pin number|geheimzahl|cvv|cvc|tan|otp|passcode|code pin)\s{0,2}(?:[:=#]|is|"
    r"ist|lautet|est|es)\s{0,2}(?P<value>\d{3,8})(?![\d.,]*\d)",
    regex.I,
)
_STEMS = (
    "pass", "pwd", "kennwort", "secret", "token", "key", "credential", "clave", "senha", "contrase", "parola",
    "wachtwoord", "lösenord",
    "hasło", "пароль", "密码", "パスワード", "비밀번호", "mdp", "curl", "mysql", "mariadb", "--user",
)  # fmt: skip
_SHORT_WORDS = frozenset({"pin", "pw", "cvv", "cvc", "tan", "otp", "geheimzahl"})
_PLACEHOLDER = regex.compile(
    r"^[<{\[($%]|^\W+$|your|example|placeholder|changeme|change[_-]me|redacted|hidden|dummy|sample|xxx|\*\*\*|\.\.\.|"
    r"…|^(?:my|the|a|an|new|old)[_-]?"
    r"(?:password|passwort|secret|token|key)\w{0,3}$|^(?:password|passwort|secret|token|test|foo|bar|abc|admin|user|"
    r"pass)\d{0,3}$|1234567890|"
    r"^(?:none|null|true|false|undefined|string|str|int|bytes|self|this|env|process|os|config|settings|request|"
    r"required|optional)\b|"
    r"[A-Z]{2,}_[A-Z_]{3,}$|^(?:get|fetch|load|read|create|generate|input|getpass)\w*\(", regex.I
)  # fmt: skip
_CODE = regex.compile(r"[(\[{]|^\w+\.\w+(?:\.\w+)*$|::|->|=>|\$\{|^https?:")
_CERTAIN, _PROBABLE = 0.9, 0.7


class SecretAssignment(Scanner):
    """A value counts when it looks chosen by a person or a generator, not by a manual or a programmer's variable."""

    entities = ("SECRET",)

    def gate(self, traits: Traits) -> bool:
        return traits.mentions(*_STEMS) or not traits.words.isdisjoint(_SHORT_WORDS)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for match in facts.matches(_NAMED):
            quoted, stated = (
                match["quote"] is not None,
                not match["verb"].isspace() and match["verb"] not in ("to", "es"),
            )
            value, end = _trimmed(match, quoted=quoted)
            if _is_password(value, quoted=quoted, stated=stated):
                yield Hit("SECRET", match.start("value"), end, _CERTAIN)
        for match in facts.matches(_ASSIGNED):
            if _is_token(match["value"], quoted=match["quote"] is not None):
                yield Hit("SECRET", match.start("value"), match.end("value"), _PROBABLE)
        for match in facts.matches(_FLAGS):
            group = next(name for name in ("a", "b", "c") if match[name])
            if _is_password(match[group], quoted=False, stated=True):
                yield Hit("SECRET", match.start(group), match.end(group), _CERTAIN)
        if not facts.traits.words.isdisjoint(_SHORT_WORDS) or "passcode" in facts.traits.words:
            for match in facts.matches(_PIN):
                yield Hit("SECRET", match.start("value"), match.end("value"), _PROBABLE)


def _trimmed(match: "regex.Match[str]", *, quoted: bool) -> tuple[str, int]:
    """Without the punctuation of the sentence round it."""
    value = match["value"]
    if not quoted:
        bare = value.rstrip(".?)]}>:")
        value = bare[:-1] if bare.endswith("!") and len(bare) - len(bare.rstrip("!")) > 1 else bare
    return value, match.start("value") + len(value)


def _is_password(value: str, *, quoted: bool, stated: bool) -> bool:
    if len(value) < 5 or _PLACEHOLDER.search(value) or (_CODE.search(value) and not quoted):
        return False
    kinds = _kinds(value)
    if value.replace("-", "").replace(".", "").isdecimal():
        return stated and len(value) >= 6 and not quoted
    mixed = len(kinds) >= 3
    return mixed or ("digit" in kinds and len(kinds) >= 2) if stated else mixed and "digit" in kinds


def _is_token(value: str, *, quoted: bool) -> bool:
    if len(value) < 12 or _PLACEHOLDER.search(value) or (_CODE.search(value) and not quoted):
        return False
    kinds = _kinds(value)
    return "digit" in kinds and len(kinds) >= 2 and _entropy(value) >= 2.8 and not value.isdecimal()


def _kinds(value: str) -> set[str]:
    kinds = set()
    for character in value:
        if character.isdigit():
            kinds.add("digit")
        elif character.isalpha():
            kinds.add("upper" if character.isupper() else "lower")
        elif not character.isspace():
            kinds.add("mark")
    return kinds


def _entropy(value: str) -> float:
    """Shannon's, in bits per character."""
    share = [value.count(c) / len(value) for c in set(value)]
    return -sum(p * log2(p) for p in share)


PLUGIN = SecretAssignment()
