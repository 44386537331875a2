import pytest

from openroute_site.settings.parts.static import keep_hashed_files


class TestKeepHashedFiles:
    @pytest.mark.parametrize("url", ["/assets/index-Dv1xruhG.js", "/assets/fira-sans-latin-400-normal-C9sYaN3_.woff2"])
    def test_keeps_a_file_for_ever_whose_name_changes_with_it(self, url: str) -> None:
        headers = {"Cache-Control": "max-age=60, public"}
        keep_hashed_files(headers, "", url)

        assert "immutable" in headers["Cache-Control"]

    @pytest.mark.parametrize("url", ["/mark.svg", "/assets/logo.svg", "/static/accounts/style-12345678.css"])
    def test_asks_again_for_any_other(self, url: str) -> None:
        headers = {"Cache-Control": "max-age=60, public"}
        keep_hashed_files(headers, "", url)

        assert headers == {"Cache-Control": "max-age=60, public"}
