"""The guard of tests/conftest.py itself: without it, a test that calls the world would go unnoticed."""

import socket
import threading

import pytest


class TestNetworkGuard:
    def test_forbids_a_connection_to_another_machine(self) -> None:
        with socket.socket() as sock, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
            sock.connect(("192.0.2.1", 443))

    def test_forbids_a_datagram_to_another_machine(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(AssertionError):
            sock.sendto(b"x", ("192.0.2.1", 53))

    def test_forbids_looking_up_a_name(self) -> None:
        with pytest.raises(AssertionError, match="look example"):
            socket.getaddrinfo("example.org", 443)

    def test_lets_a_test_talk_to_a_server_of_its_own(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = threading.Thread(target=socket.create_connection, args=(server.getsockname(),))
            client.start()
            connection, _ = server.accept()
            connection.close()
            client.join()

    def test_lets_local_sockets_through(self) -> None:
        left, right = socket.socketpair()
        with left, right:
            left.sendall(b"x")

            assert right.recv(1) == b"x"
