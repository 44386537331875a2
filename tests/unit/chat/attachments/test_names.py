"""Names of files as they are kept."""

import pytest

from apps.chat.attachments import names
from apps.chat.attachments.limits import MAX_NAME_CHARACTERS


class TestASafeName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\erin\\plan.docx", "plan.docx"),
            ("a\x00b\nc.txt", "a b c.txt"),
            ("exe\u202etxt.gpj", "exe txt.gpj"),
            ('say "hi" `now`.md', "say _hi_ _now_.md"),
            ("\ud800.txt", "txt"),
            ("...", "file"),
            ("", "file"),
            ("Gehälter März.xlsx", "Gehälter März.xlsx"),
        ],
    )
    def test_is_one_visible_line_without_a_path(self, given: str, kept: str) -> None:
        assert names.safe(given) == kept

    def test_keeps_its_ending_when_it_is_cut(self) -> None:
        found = names.safe("x" * 500 + ".docx")

        assert len(found) == MAX_NAME_CHARACTERS
        assert found.endswith("….docx")
