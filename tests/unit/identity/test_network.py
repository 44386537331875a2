"""The true client address, and what of it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.identity import network

PROXIES = network.networks(["10.0.0.0/8", "fd00::/8"])


class TestClientAddress:
    def test_is_the_peer_when_no_proxy_is_trusted(self) -> None:
        found = network.client_address(peer="203.0.113.9", forwarded_for="198.51.100.1", trusted=())

        assert found == "203.0.113.9"

    def test_is_what_the_trusted_proxy_saw(self) -> None:
        found = network.client_address(peer="10.0.0.1", forwarded_for="198.51.100.1", trusted=PROXIES)

        assert found == "198.51.100.1"

    def test_ignores_what_the_client_wrote_itself(self) -> None:
        header = "1.2.3.4, 198.51.100.1, 10.0.0.7"

        assert network.client_address(peer="10.0.0.1", forwarded_for=header, trusted=PROXIES) == "198.51.100.1"

    def test_stops_at_what_is_no_address(self) -> None:
        assert network.client_address(peer="10.0.0.1", forwarded_for="unknown", trusted=PROXIES) == "10.0.0.1"

    @pytest.mark.parametrize(
        ("hop", "address"),
        [("198.51.100.1:4711", "198.51.100.1"), ("[2001:db8::1]:443", "2001:db8::1"), ("2001:db8::1", "2001:db8::1")],
    )
    def test_reads_addresses_with_a_port(self, hop: str, address: str) -> None:
        assert network.client_address(peer="10.0.0.1", forwarded_for=hop, trusted=PROXIES) == address

    @given(st.text(max_size=60))
    def test_never_lets_a_stranger_choose_his_address(self, header: str) -> None:
        found = network.client_address(peer="203.0.113.9", forwarded_for=header, trusted=PROXIES)

        assert found == "203.0.113.9"


class TestTruncated:
    @pytest.mark.parametrize(
        ("address", "kept"),
        [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"), ("unix socket", "")],
    )
    def test_keeps_the_network_only(self, address: str, kept: str) -> None:
        assert network.truncated(address) == kept


class TestAgentClass:
    @pytest.mark.parametrize(
        ("header", "name"),
        [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140", "Edge on Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari on iPhone"),
            ("curl/8.0", "Unknown device"),
        ],
    )
    def test_names_browser_and_system(self, header: str, name: str) -> None:
        assert network.agent_class(header) == name
