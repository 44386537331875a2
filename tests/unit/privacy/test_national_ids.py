"""Published sample numbers of many countries are found beside their word, and miss without their check digit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.privacy.detection.recognizers._countries import IDENTIFIERS, Identifier
from tests.support.privacy import types

SAMPLES = [
    ("GB", "NHS number 943 476 5919"),
    ("GB", "national insurance QQ123456C is no number, AB123456C is"),
    ("DE", "Steuer-ID 86095742719"),
    ("FR", "sécurité sociale 255081416802538"),
    ("ES", "DNI 12345678Z"),
    ("ES", "NIE X1234567L"),
    ("IT", "codice fiscale RSSMRA85T10A562S"),
    ("PT", "NIF 123456789"),
    ("NL", "BSN 111222333"),
    ("BE", "rijksregisternummer 85.07.30-033.28"),
    ("PL", "PESEL 44051401359"),
    ("CH", "AHV 756.9217.0769.85"),
    ("SE", "personnummer 811218-9876"),
    ("FI", "hetu 131052-308T"),
    ("DK", "CPR 070761-4285"),
    ("IN", "Aadhaar 2345 6789 0124"),
    ("IN", "PAN ABCPE1234F"),
    ("AU", "TFN 123 456 782"),
    ("CA", "SIN 193 456 787"),
    ("BR", "CPF 111.444.777-35"),
    ("CL", "RUT 12.345.678-5"),
    ("CN", "身份证 11010519491231002X"),
    ("SG", "NRIC S1234567D"),
    ("ZA", "South African ID 8001015009087"),
    ("TR", "TCKN 10000000146"),
    ("RO", "CNP 1800101221144"),
    ("HR", "OIB 69435151530"),
    ("TH", "Thai ID 1-1017-00230-70-8"),
    ("TW", "Taiwan A123456789"),
    ("HK", "HKID A123456(3)"),
    ("JP", "マイナンバー 123456789018"),
    ("MX", "CURP HEGG560427MVZRRL04"),
    ("BG", "EGN 7523169263"),
    ("EE", "isikukood 37605030299"),
    ("IE", "PPS 1234567FA"),
    ("US", "passport number 340020013"),
    ("XX", "driver's license D1234567"),
]


class TestNationalIdentifiers:
    @pytest.mark.parametrize(("country", "text"), SAMPLES)
    def test_are_found(self, country: str, text: str) -> None:
        assert types(text) & {"NATIONAL_ID", "ACCOUNT_NUMBER"}, country

    @pytest.mark.parametrize("text", ["86095742718", "X1234567M", "11010519491231002Y", "S1234567E", "111.444.777-36"])
    def test_with_a_wrong_check_are_not(self, text: str) -> None:
        assert "NATIONAL_ID" not in types(f"the value {text} was read")


class TestTheTable:
    @pytest.mark.parametrize("identifier", IDENTIFIERS, ids=lambda i: f"{i.country} {i.name}")
    @given(data=st.data())
    def test_names_every_length_that_a_shape_can_have(self, identifier: Identifier, data: st.DataObject) -> None:
        shown = data.draw(st.from_regex(re.compile(identifier.shape.pattern, re.ASCII), fullmatch=True))

        assert len(shown.replace("-", "")) in identifier.lengths
