"""Hosts that somebody typed in are public, by every way in which an address may be written."""

import socket

import httpcore
import pytest

from apps.common import http
from apps.common.http import Client, Failed
from apps.common.public_addresses import is_printable, is_public

PRIVATE = [
    "0.0.0.0",  # noqa: S104 an address to look at
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.0.1",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2a00:1450:4001::5efe:10.0.0.1",
    "2a00:1450:4001:0:200:5efe:a00:1",
]
PUBLIC = ["8.8.8.8", "195.12.114.1", "2a00:1450:4001::1", "2001:4860:4860::8888", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1", "ff02::1"])
def test_what_a_name_leads_to_is_looked_at(monkeypatch, address):
    """Nobody connects there, and one bad address of many is enough."""
    good = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))
    bad = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 443, 0, 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *more, **named: [good, bad])
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *more: pytest.fail("connected"))
    with Client(public_only=True) as client, pytest.raises(Failed, match="private_address"):
        client.send("GET", "https://example.org/")


def test_who_answers_is_looked_at_too(monkeypatch):
    """As behind a translator, where a public address leads to a host of one's own."""
    with socket.create_server(("127.0.0.1", 0)) as inside:
        connected = []

        def connect(self, host, port, *more):
            connected.append(host)
            return Reached(inside.getsockname())

        monkeypatch.setattr(http, "_public_address", lambda host, port: "8.8.8.8")
        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        with Client(public_only=True) as client, pytest.raises(Failed, match="private_address"):
            client.send("GET", "http://example.org/")
    assert connected == ["8.8.8.8"]


class Reached(httpcore.NetworkStream):
    def __init__(self, address):
        self.connection = socket.create_connection(address)

    def get_extra_info(self, info):
        return self.connection

    def close(self):
        self.connection.close()


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\x00", "\x7f", " ", "\u2028", "\u200b", "\x85"])
def test_no_address_has_such_signs(sign):
    url = f"https://example.org/{sign}x"
    assert not is_printable(url)
    with Client() as client, pytest.raises(Failed, match="address"):
        client.send("GET", url)
