"""What is read of each format, in the very process that reads it in production, and how hostile files end."""

import io
import subprocess
import sys
import time
import zipfile

import pytest

from apps.chat.attachments import extraction, limits
from apps.chat.attachments.errors import REASONS, UnsupportedAttachment
from apps.domain.errors import Overloaded
from tests.support import files
from tests.support.patience import BUSY


def text_of(data: bytes, name: str) -> str:
    return extraction.read(data, name).text


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(UnsupportedAttachment) as refused:
        extraction.read(data, name)
    assert refused.value.detail == REASONS[refused.value.reason]
    return refused.value.reason


class TestText:
    @pytest.mark.parametrize(
        ("data", "name", "kept"),
        [
            (b"print('hi')\n", "hi.py", "print('hi')"),
            ("Größe;Wert\n".encode(), "a.csv", "Größe;Wert"),
            (b"\xef\xbb\xbfmarked", "a.txt", "marked"),
            ("Grüße".encode("utf-16"), "a.txt", "Grüße"),
            ("Grüße".encode("utf-32"), "a.txt", "Grüße"),
            ("Größe – 5 €".encode("cp1252"), "old.txt", "Größe – 5 €"),
            (b"one\r\ntwo\rthree", "a.md", "one\ntwo\nthree"),
            ("日本語 👩‍💻".encode(), "noname", "日本語 👩‍💻"),
            (b"<svg onload=alert(1)>", "a.svg", "<svg onload=alert(1)>"),
        ],
    )
    def test_is_decoded(self, data: bytes, name: str, kept: str) -> None:
        assert text_of(data, name) == kept

    @pytest.mark.parametrize(
        ("data", "name", "reason"),
        [
            (b"", "a.txt", "empty"),
            (b" \n ", "a.txt", "empty"),
            (b"a\x00b", "a.txt", "not_text"),
            (b"\x01\x02\x03", "a.txt", "not_text"),
            (b"\xff\xfea", "a.txt", "not_text"),
            (b"caf\x81", "a.txt", "not_text"),
            (b"MZ plain", "setup.exe", "unknown"),
            (b"plain", "a.pdf", "mismatch"),
            (b"plain", "a.PNG", "mismatch"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "a.doc", "old_office"),
        ],
    )
    def test_that_is_none_is_refused(self, data: bytes, name: str, reason: str) -> None:
        assert refusal(data, name) == reason

    def test_that_is_long_is_cut_between_characters_and_says_so(self) -> None:
        found = extraction.read("ä".encode() * limits.MAX_TEXT_BYTES, "long.txt")

        assert found.shortened
        assert len(found.text.encode()) in {limits.MAX_TEXT_BYTES, limits.MAX_TEXT_BYTES - 1}

    def test_of_ten_megabytes_is_read_at_once(self) -> None:
        begun = time.monotonic()
        assert extraction.read(b"word and\n" * 1_100_000, "log.txt").shortened
        assert time.monotonic() - begun < BUSY * 3


class TestWord:
    def test_gives_paragraphs_tables_and_notes_without_deleted_text(self) -> None:
        body = (
            "<w:p><w:r><w:t>First</w:t><w:tab/><w:t>line</w:t></w:r>"
            "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>"
            "<w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        )
        note = f"<w:footnotes {files.W}><w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
        data = files.packed({"word/document.xml": files.word(body), "word/footnotes.xml": note})

        text = text_of(data, "a.docx")
        assert text.splitlines()[0] == "First\tline"
        assert text.splitlines()[1].split() == ["a", "b"]
        assert "A note." in text
        assert "gone" not in text

    def test_reads_headers(self) -> None:
        header = f"<w:hdr {files.W}><w:p><w:r><w:t>IBAN in the header</w:t></w:r></w:p></w:hdr>"
        assert "IBAN in the header" in text_of(files.docx("Body", header1=header), "a.docx")

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (files.packed({"word/document.xml": files.LOL}), "damaged"),
            (files.packed({"word/document.xml": "<w:document"}), "damaged"),
            (files.packed({"word/document.xml": files.word("<w:p>" * 5_000)}), "too_complex"),
            (files.packed({"other.xml": "word/document.xml" * 3}), "unknown"),
            (files.packed({"ppt/presentation.xml": ""}), "unknown"),
            (files.docx("text")[:-40], "damaged"),
            (files.docx(""), "no_text"),
        ],
        ids=["billion laughs", "cut xml", "nesting", "another zip", "slides", "cut zip", "empty"],
    )
    def test_that_is_hostile_or_broken_ends_in_a_sentence(self, data: bytes, reason: str) -> None:
        assert refusal(data, "a.docx") == reason

    def test_zip_bomb_ends_early(self) -> None:
        begun = time.monotonic()
        assert refusal(files.zip_bomb(), "a.docx") == "too_complex"
        assert time.monotonic() - begun < BUSY * limits.READER_TIME_S

    def test_encrypted_member_is_told(self) -> None:
        data = bytearray(files.docx("text"))
        with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
            start = package.start_dir
        data[start + 8] |= 1
        assert refusal(bytes(data), "a.docx") == "encrypted"


class TestWorkbook:
    def test_gives_sheets_rows_values_and_dates(self) -> None:
        styles = (
            '<numFmts><numFmt numFmtId="200" formatCode="dd/mm/yyyy"/></numFmts>'
            '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>'
        )
        rows = (
            '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>in line</t></is></c></row>'
            '<row><c r="A2" s="1"><v>45292</v></c><c r="B2"><v>12.5</v></c><c r="C2" t="b"><v>1</v></c></row>'
        )
        data = files.xlsx(("Costs", rows), ("Empty", ""), strings=["Name"], styles=styles)

        assert text_of(data, "a.xlsx") == "# Costs\nName\t\tin line\n2024-01-01\t12.5\tTRUE\n\n# Empty"

    def test_with_more_cells_than_are_read_is_shortened(self) -> None:
        row = "<row>" + "<c><v>1</v></c>" * 100 + "</row>"
        found = extraction.read(files.xlsx(("Big", row * 600)), "big.xlsx")

        assert found.shortened
        assert found.text.count("1") == limits.MAX_CELLS

    def test_with_senseless_references_is_read_on(self) -> None:
        rows = '<row><c r="ZZZ1" t="s"><v>99</v></c><c r="!" s="9999"><v>7</v></c></row>'
        assert text_of(files.xlsx(("A", rows)), "a.xlsx").endswith("7")


class TestPdf:
    def test_gives_the_text_of_its_pages(self) -> None:
        assert text_of(files.pdf("Hello there", "Second page"), "a.pdf") == "Hello there\n\nSecond page"

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (files.pdf(""), "no_text"),
            (files.pdf("secret", encrypt=files.LOCKED), "encrypted"),
            (b"%PDF-1.7\n" + b"garbage " * 100, "damaged"),
            (files.pdf("text")[:120], "damaged"),
        ],
        ids=["scan", "password", "garbage", "cut"],
    )
    def test_that_cannot_be_read_says_why(self, data: bytes, reason: str) -> None:
        assert refusal(data, "a.pdf") == reason

    def test_of_a_hundred_thousand_pages_is_shortened(self) -> None:
        found = extraction.read(files.pdf("Again", copies=100_000), "a.pdf")

        assert found.shortened
        assert 0 < found.text.count("Again") <= limits.MAX_PAGES


class TestPictures:
    @pytest.mark.parametrize(
        ("data", "name", "media_type"),
        [
            (files.png(), "a.png", "image/png"),
            (files.jpeg(), "a.jpg", "image/jpeg"),
            (files.jpeg(), "really-a-jpeg.png", "image/jpeg"),
            (files.gif(), "a", "image/gif"),
            (files.webp(), "a.webp", "image/webp"),
        ],
    )
    def test_are_known_by_their_bytes(self, data: bytes, name: str, media_type: str) -> None:
        found = extraction.read(data, name)
        assert (found.kind, found.media_type, found.image) == ("image", media_type, data)

    @pytest.mark.parametrize(
        ("data", "name", "reason"),
        [
            (files.png(5_000, 5_000), "a.png", "too_many_pixels"),
            (files.jpeg(60_000, 60_000), "a.jpg", "too_many_pixels"),
            (files.png()[:20], "a.png", "damaged"),
            (b"\xff\xd8\xff\xe1\xff\xff", "a.jpg", "damaged"),
            (files.gif(0, 5), "a.gif", "damaged"),
            (files.png(), "a.pdf", "mismatch"),
        ],
    )
    def test_that_are_broken_or_too_large_are_refused(self, data: bytes, name: str, reason: str) -> None:
        assert refusal(data, name) == reason


CODE = "import sys; from apps.chat.attachments import child; child.give_up_rights()\n"


def bounded(action: str) -> subprocess.CompletedProcess[str]:
    """What happens to code behind the bounds of the reader."""
    return subprocess.run(
        [sys.executable, "-c", CODE + action],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=extraction.ROOT,
        check=False,
    )


class TestTheProcessThatReads:
    @pytest.mark.parametrize(
        "action",
        [
            "import _socket; _socket.socket()",
            "open('/etc/hostname')",
            "import os; os.open('/tmp/mark', os.O_CREAT | os.O_WRONLY)",
            "import os; os.fork()",
            "import os; os.system('true') and sys.exit(1); sys.exit(1)",
            "x = bytearray(600_000_000)",
        ],
    )
    def test_can_neither_open_nor_start_nor_grow(self, action: str) -> None:
        done = bounded(f"{action}\nprint('done')")

        assert done.returncode != 0
        assert "done" not in done.stdout

    def test_can_compute(self) -> None:
        assert bounded("print(sum(range(10)))").stdout == "45\n"

    def test_that_never_ends_is_killed_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "READER_TIME_S", 0.001)

        assert refusal(files.docx("text"), "a.docx") == "too_complex"

    def test_is_waited_for_only_so_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "READER_WAIT_S", 0.01)
        for _ in range(limits.READERS_AT_ONCE):
            assert extraction._places.acquire(blocking=False)
        try:
            with pytest.raises(Overloaded):
                extraction.read(files.docx("text"), "a.docx")
        finally:
            extraction._places.release(limits.READERS_AT_ONCE)
