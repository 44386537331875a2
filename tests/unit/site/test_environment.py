import stat
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from openroute_site.settings import environment
from openroute_site.settings.environment import SecretFiles


class TestSecretFiles:
    def test_reads_a_secret_from_the_file_that_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("s3cret\n")

        assert SecretFiles({"SECRET_KEY_FILE": str(tmp_path / "key")})["SECRET_KEY"] == "s3cret"

    def test_says_which_file_cannot_be_read(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
            SecretFiles({"SECRET_KEY_FILE": "/nowhere"})["SECRET_KEY"]

    def test_takes_a_secret_with_a_leading_dollar_as_it_stands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENROUTE_TEST_SECRET", "$ecret")

        assert environment.secret("OPENROUTE_TEST_SECRET") == "$ecret"

    def test_reads_a_list_of_secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENROUTE_TEST_KEYS", "new, old,")

        assert environment.secrets_of("OPENROUTE_TEST_KEYS") == ["new", "old"]


class TestKeptSecret:
    def test_is_made_once_and_kept(self, tmp_path: Path) -> None:
        first = environment.kept_secret("KEY", environment.random_token, folder=tmp_path)

        assert environment.kept_secret("KEY", environment.random_token, folder=tmp_path) == first

    def test_can_be_read_by_its_owner_only(self, tmp_path: Path) -> None:
        environment.kept_secret("KEY", environment.random_token, folder=tmp_path)

        assert stat.S_IMODE((tmp_path / "secrets" / "KEY").stat().st_mode) == 0o600

    def test_is_the_same_for_all_who_start_at_once(self, tmp_path: Path) -> None:
        barrier = threading.Barrier(8)
        found: list[str] = []

        def start() -> None:
            barrier.wait()
            found.append(environment.kept_secret("KEY", environment.random_token, folder=tmp_path))

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(found) == 8
        assert len(set(found)) == 1
        assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["KEY"]
