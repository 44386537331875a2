"""YAML without its traps."""

from decimal import Decimal
from pathlib import Path

import pytest

from apps.operations.config import load
from apps.operations.config.errors import InvalidConfiguration


def problem(raw: bytes) -> str:
    with pytest.raises(InvalidConfiguration) as refusal:
        load.parse(raw)
    (found,) = refusal.value.problems
    return str(found)


class TestParse:
    def test_reads_numbers_exactly_and_words_as_words(self) -> None:
        data = load.parse(b'[1, 2.50, "3", off, yes, ~, null, true, False, 12:30, 0x1f, 1e3, 2026-05-04, <<]')

        assert data == [
            1, Decimal("2.50"), "3", "off", "yes", None, None, True, False, "12:30", "0x1f", "1e3", "2026-05-04", "<<",
        ]  # fmt: skip

    def test_keeps_quoted_words_as_text(self) -> None:
        assert load.parse(b"{a: \"null\", b: 'true', c: '1'}") == {"a": "null", "b": "true", "c": "1"}

    def test_lets_variables_stand_unquoted_in_braces(self) -> None:
        assert load.parse(b"{password: ${PASSWORD}, url: http://h:${PORT}/v1}") == {
            "password": "${PASSWORD}",
            "url": "http://h:${PORT}/v1",
        }

    def test_understands_anchors(self) -> None:
        assert load.parse(b"a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}

    def test_reads_an_empty_file_as_nothing(self) -> None:
        assert load.parse(b"# nothing here\n") is None

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (b"tenants:\n- slug: a\n  slug: b", "tenants[0]: the key 'slug' stands twice (line 3)"),
            (b"a: [1,\nb: 2", "this is no valid YAML"),
            (b"a: !!python/object/apply:os.system [ls]", "a: the tag"),
            (b"\xff\xfe", "not UTF-8"),
            (b'a: "\\0"', "a: the text contains a NUL"),
            (b"? [a]\n: 1", "must be a plain word"),
            (b"--- a\n--- b", "this is no valid YAML"),
            (b"a: &x [*x]", "nested more than 32 levels"),
            (b"[" * 40 + b"]" * 40, "nested more than 32 levels"),
            ("a: \ue000".encode(), "private use"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, raw: bytes, words: str) -> None:
        assert words in problem(raw)

    def test_stops_before_a_few_lines_become_a_thousand_million_values(self) -> None:
        lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

        assert "stands for more than 100000 values" in problem("\n".join(lines).encode())


class TestRead:
    def test_names_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidConfiguration, match="one problem") as refusal:
            load.read(tmp_path / "none.yaml")

        assert "none.yaml cannot be read" in str(refusal.value.problems[0])

    def test_refuses_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        file = tmp_path / "large.yaml"
        file.write_bytes(b"#" * (load.MAX_BYTES + 1))

        with pytest.raises(InvalidConfiguration) as refusal:
            load.read(file)

        assert "larger than" in str(refusal.value.problems[0])
