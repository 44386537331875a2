"""E-mail addresses with a real or a company's own top-level domain, also reversed or in rot13.

The public suffix list is bundled.
"""

import codecs
from collections.abc import Iterator

import regex
from tldextract import TLDExtract, tldextract

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._words import words
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("write to maria.keller@acme.com, please", "maria.keller@acme.com"),
    ("Ask tom@acme.de. Then go on.", "tom@acme.de"),
    ("https://files.acme.com/u/tom@acme.co.uk/passport.png", "tom@acme.co.uk"),
    ("reversed: moc.emca@rellek.airam", "moc.emca@rellek.airam"),
    ("rot13: znevn.xryyre@npzr.pbz", "znevn.xryyre@npzr.pbz"),
    ("see tom@acme.de.docx and the rest", "tom@acme.de"),
    ("o'neil+news@sub.example-corp.de", "o'neil+news@sub.example-corp.de"),
    ("ask maria.keller@contoso.example today", "maria.keller@contoso.example"),
    ("mkeller@mail.bank.corp.", "mkeller@mail.bank.corp"),
)
NON_EXAMPLES = (
    "use the decorator @app.route and user@host",
    "git clone git@github.com:acme/tool.git",
    "for example user@example.com or you@company.com",
    "numpy@1.26.4 and react@18.2.0",
    "ssh root@db1.internal and admin@router.lan",
    "user@corp.example signs in as you@intra.local",
    "weights.T@batch.mean is a product of matrices",
)

# Presidio's look-ups and ours share this object: by default the first address of a process goes to the internet twice.
SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None)
tldextract.TLD_EXTRACTOR = SUFFIXES

_AROUND_AT = regex.compile(r"@")
_LOCAL = regex.compile(r"(?r)[\w.+%'-]{1,64}")
_DOMAIN = regex.compile(r"(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}+\.){1,6}[\p{L}\p{N}][\p{L}\p{N}-]{1,30}+")
_ROTATED = words("com org net edu gov info de at ch fr es it nl co.uk eu io")
_SERVICES = frozenset({"git", "hg", "svn"})
_PLACEHOLDERS = words(
    """
    user username name you your yourname your.name your_name your-email your.email youremail email mail me
    someone somebody test foo bar admin info example sample abc xyz john.doe jane.doe johndoe janedoe user1
    user2 recipient sender noreply no-reply support contact hello to from
    """
)
_PRIVATE = words("corp home internal intra intranet lan local private example test invalid")
"""What networks of companies, and what is written about them, end in; the public list has none of them."""
_NOBODYS = words(
    """
    root administrator postgres ubuntu debian ec2-user deploy deployer jenkins runner service daemon node host server
    alice bob
    """
)
_RESERVED = ("example.com", "example.org", "example.net", "company.com", "domain.com", "yourdomain.com",
"email.com", "test.com",
             "yourcompany.com", "mydomain.com", "website.com")  # fmt: skip


class Email(Scanner):
    """Certain when the domain ends in a public suffix, or as the networks of companies do.

    Placeholders of manuals ("user@example.com") are nobody's.
    """

    entities = ("EMAIL_ADDRESS",)

    def gate(self, traits: Traits) -> bool:
        return traits.has_at

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for at in facts.matches(_AROUND_AT):
            local = _LOCAL.match(text, max(0, at.start() - 64), at.start())
            domain = _DOMAIN.match(text, at.end(), min(len(text), at.end() + 254))
            if local is None or domain is None:
                continue
            name = local[0].lstrip(".'%+-")
            start = at.start() - len(name)
            length = _length(name.rstrip("'"), domain[0])
            if name and length:
                yield Hit("EMAIL_ADDRESS", start, at.end() + length, 1.0)


def _length(local: str, domain: str) -> int:
    """How much of the domain belongs to an address; 0 when there is none.

    What follows a public suffix does not: a file may be called `tom@acme.de.docx`.
    """
    host = domain
    while "." in host:
        if SUFFIXES(host.lower()).suffix:
            return 0 if _is_nobodys(local, host.lower()) else len(host)
        if host.rpartition(".")[2].lower() in _PRIVATE:
            return 0 if local.lower() in _PLACEHOLDERS | _NOBODYS | _SERVICES else len(host)
        host = host.rpartition(".")[0]
    return len(domain) if _is_turned(local, domain) else 0


def _is_nobodys(local: str, host: str) -> bool:
    return local in _SERVICES or (local.lower() in _PLACEHOLDERS and host.endswith((*_RESERVED, ".example")))


def _is_turned(local: str, domain: str) -> bool:
    turned = f"{local}@{domain}"[::-1].partition("@")[2]
    rotated = codecs.encode(domain, "rot13") if domain.isascii() else ""
    return bool(SUFFIXES(turned).suffix) or SUFFIXES(rotated).suffix in _ROTATED


PLUGIN = Email()
