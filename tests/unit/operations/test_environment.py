"""Where variables of a configuration file come from."""

from pathlib import Path

from apps.operations.config.environment import lookup


class TestLookup:
    def test_finds_the_variable_itself(self) -> None:
        assert lookup("KEY", {"KEY": "a", "KEY_FILE": "/nowhere"}) == "a"

    def test_reads_the_file_that_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text("from a file\n")

        assert lookup("KEY", {"KEY_FILE": str(file)}) == "from a file"

    def test_finds_nothing(self, tmp_path: Path) -> None:
        assert lookup("KEY", {}) is None
        assert lookup("KEY", {"KEY_FILE": str(tmp_path / "missing")}) is None
