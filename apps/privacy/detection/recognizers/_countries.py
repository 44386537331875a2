"""National identifiers by country: shape, check, and the words beside which they stand.

The algorithms are those that the issuing authorities publish. `certain` says that shape and check together are so rare
that no context is needed; the others need one of their words near by, because one random number in ten passes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import regex

from apps.privacy.detection.recognizers import _identity_checks as checks
from apps.privacy.detection.recognizers._checksums import luhn, mod11_10, verhoeff

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True, eq=False)  # identity is enough, and hashing it is fast
class Identifier:
    """One kind of identifier. `shape` must match the whole candidate, upper-case and without separators; `lengths` are
    those that it can match."""

    country: str
    name: str
    lengths: range
    shape: "regex.Pattern[str]"
    check: Check
    words: tuple[str, ...]
    certain: bool = False


def _id(
    country: str, name: str, lengths: str, shape: str, check: Check, words: str, *, certain: bool = False
) -> Identifier:
    shortest, _, longest = lengths.partition("-")
    spread = range(int(shortest), int(longest or shortest) + 1)
    return Identifier(country, name, spread, regex.compile(shape), check, tuple(words.split("|")), certain)


IDENTIFIERS: tuple[Identifier, ...] = (
    _id("US", "ITIN", "10", r"9\d{2}[5-9]\d{6}", checks.always, "itin|taxpayer"),
    _id("US", "passport", "8-10", r"[A-Z]?\d{8,9}", checks.always, "passport|passeport|pasaporte|paspoort"),
    _id("GB", "NHS number", "10", r"\d{10}", checks.uk_nhs, "nhs|patient"),
    _id("GB", "NINO", "9", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?<!BG|GB|NK|KN|TN|NT|ZZ)\d{6}[A-D]", checks.always,
        "national insurance|nino|ni number", certain=True),
    _id("GB", "driving licence", "16", r"[A-Z9]{5}\d[0156]\d[0-3]\d{2}[A-Z9]{2}\d[A-Z]{2}", checks.always, "driv|licen",
        certain=True),
    _id("DE", "Steuer-ID", "11", r"\d{11}", checks.de_tax, "steuer|tax id|identifikationsnummer|idnr|tin"),
    _id("DE", "Rentenversicherungsnummer", "12", r"\d{8}[A-Z]\d{3}", checks.de_rvnr,
        "rentenversicherung|sozialversicherung|versicherungsnummer|rvnr|svnr"),
    _id("DE", "Personalausweis, Reisepass", "9-10", r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?",
        lambda c: sum(map(str.isdecimal, c)) >= 3,
        "ausweis|reisepass|passport|pass-nr|passnummer|perso|id card|passeport"),
    _id("DE", "Führerschein", "11", r"[A-Z0-9]\d{2}[A-Z0-9]{6}\d[A-Z0-9]", lambda c: sum(map(str.isdecimal, c)) >= 4,
        "führerschein|fuehrerschein|fahrerlaubnis"),
    _id("FR", "NIR", "15", r"[12378]\d{4}(?:\d{2}|2[AB])\d{8}", checks.fr_nir,
        "sécurité sociale|securite sociale|nir|insee",
        certain=True),
    _id("FR", "numéro fiscal", "13", r"[0-3]\d{12}", checks.always, "fiscal|spi|impôt|impot"),
    _id("ES", "DNI, NIE", "9", r"(?:\d{8}|[XYZ]\d{7})[TRWAGMYFPDXBNJZSQVHLCKE]", checks.es_dni,
        "dni|nie|nif", certain=True),
    _id("IT", "codice fiscale", "16", r"[A-Z]{6}[0-9L-NP-V]{2}[ABCDEHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]",
        checks.it_codice, "fiscale", certain=True),
    _id("PT", "NIF", "9", r"[1-35689]\d{8}", checks.pt_nif, "nif|contribuinte|fiscal"),
    _id("NL", "BSN", "9", r"\d{9}", checks.nl_bsn, "bsn|burgerservice|sofi"),
    _id("BE", "rijksregisternummer", "11", r"\d{11}", checks.be_nrn, "rijksregister|registre national|niss|insz"),
    _id("PL", "PESEL", "11", r"\d{11}", checks.pl_pesel, "pesel"),
    _id("CH", "AHV", "13", r"756\d{10}", checks.ean, "ahv|avs", certain=True),
    _id("AT", "SVNR", "10", r"\d{10}", checks.at_svnr, "svnr|sozialversicherung|sv-nummer|versicherungsnummer"),
    _id("SE", "personnummer", "10-12", r"(?:19|20)?\d{10}", checks.se_pnr, "personnummer|personal identity|pnr"),
    _id("FI", "henkilötunnus", "10-11", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", checks.fi_hetu,
        "hetu|henkilö", certain=True),
    _id("DK", "CPR", "10", r"\d{10}", checks.dk_cpr, "cpr|personnummer"),
    _id("NO", "fødselsnummer", "11", r"\d{11}", checks.no_fnr, "fødselsnummer|fodselsnummer|fnr|personnummer|d-nummer"),
    _id("IN", "Aadhaar", "12", r"[2-9]\d{11}", verhoeff, "aadhaar|aadhar|uidai|uid"),
    _id("IN", "PAN", "10", r"[A-Z]{5}\d{4}[A-Z]", checks.in_pan, "pan|permanent account|income tax"),
    _id("IN", "voter, passport", "8-10", r"[A-Z]{1,3}\d{7}", checks.always, "voter|epic|passport"),
    _id("AU", "TFN", "9", r"\d{9}", checks.au_tfn, "tfn|tax file"),
    _id("AU", "Medicare", "10-11", r"[2-6]\d{9,10}", checks.au_medicare, "medicare"),
    _id("CA", "SIN", "9", r"[1-79]\d{8}", luhn, "sin|social insurance|nas"),
    _id("BR", "CPF", "11", r"\d{11}", checks.br_cpf, "cpf|cadastro de pessoas"),
    _id("MX", "CURP", "18", r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", checks.always, "curp", certain=True),
    _id("AR", "DNI, CUIT", "8-11", r"\d{8}|(?:20|23|24|27|30|33|34)\d{9}", checks.always,
        "dni|cuit|cuil|documento nacional"),
    _id("CL", "RUT", "8-9", r"\d{7,8}[0-9K]", checks.cl_rut, "rut|run"),
    _id("CO", "cédula", "8-10", r"\d{8,10}", checks.always, "cédula|cedula|ciudadanía"),
    _id("CN", "resident identity", "18", r"[1-9]\d{16}[0-9X]", checks.cn_id, "身份证", certain=True),
    _id("KR", "RRN", "13", r"\d{6}[1-8]\d{6}", checks.kr_rrn, "주민|rrn|resident registration"),
    _id("JP", "My Number", "12", r"\d{12}", checks.jp_my, "マイナンバー|my number|個人番号"),
    _id("SG", "NRIC, FIN", "9", r"[STFGM]\d{7}[A-Z]", checks.sg_nric, "nric|fin", certain=True),
    _id("ZA", "identity number", "13", r"\d{13}", checks.za_id, "identity|id number|rsa id|south african|id no"),
    _id("TR", "TCKN", "11", r"[1-9]\d{10}", checks.tr_tckn, "tckn|t.c. kimlik|kimlik|tc no"),
    _id("RO", "CNP", "13", r"[1-9]\d{12}", checks.ro_cnp, "cnp|cod numeric"),
    _id("CZ", "rodné číslo", "10", r"\d{10}", checks.cz_rc, "rodné|rodne číslo|rodne cislo|r.č.|birth number"),
    _id("BG", "EGN", "10", r"\d{10}", checks.bg_egn, "егн|egn"),
    _id("HR", "OIB", "11", r"\d{11}", mod11_10, "oib"),
    _id("EE", "isikukood", "11", r"[1-6]\d{10}", checks.ee_lt, "isikukood|asmens kodas|personal code"),
    _id("GR", "AMKA", "11", r"\d{11}", lambda d: luhn(d) and checks.date(d[4:6], d[2:4], d[:2]), "amka|αμκα"),
    _id("HU", "TAJ", "9", r"\d{9}", checks.hu_taj, "taj|tb szám|társadalombiztosítási"),
    _id("SI", "EMŠO", "13", r"\d{13}", checks.si_emso, "emšo|emso|jmbg"),
    _id("IE", "PPS", "8-9", r"\d{7}[A-W][A-IW]?", checks.ie_pps, "pps|ppsn"),
    _id("IL", "teudat zehut", "9", r"\d{9}", checks.il_id, "teudat|zehut|israeli id|תעודת"),
    _id("HK", "identity card", "8-9", r"[A-Z]{1,2}\d{6}[0-9A]", checks.hk_id, "hkid|hong kong id|identity card"),
    _id("TW", "identity card", "10", r"[A-Z][12]\d{8}", checks.tw_id, "taiwan|身分證"),
    _id("TH", "national id", "13", r"[1-8]\d{12}", checks.th_id, "thai|บัตรประชาชน"),
    _id("RU", "SNILS", "11", r"\d{11}", checks.ru_snils, "снилс|snils"),
    _id("NG", "NIN", "11", r"\d{11}", checks.always, "nin|national identification"),
    _id("XX", "driver's licence", "5-18", r"[A-Z]{0,3}\d{5,14}[A-Z]?|[A-Z]\d{3}\d{3,11}", checks.always,
        "driver's lic|drivers lic|driver lic|driving lic|driver’s lic|license number|licence number|"
        "permis de conduire|licencia de conducir|patente di guida|rijbewijs|führerschein"),
    _id("XX", "passport", "6-12", r"[A-Z]{0,2}\d{6,9}[A-Z]?", checks.always,
        "passport|reisepass|passeport|pasaporte|passaporto|paspoort|护照|パスポート|여권"),
)  # fmt: skip

COUNTRIES = tuple(sorted({identifier.country for identifier in IDENTIFIERS} - {"XX"} | {"US"}))
