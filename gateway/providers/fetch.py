"""Fetch what an upstream left behind a URL, for its label: from hosts that the operator named, and from nowhere else.

The upstream chooses the URL, so it is not trusted: no redirect is followed, no credential goes out, and the
address that is connected to is the one that was checked. Only so many bytes and seconds are spent on it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from gateway import __version__
from gateway.errors import LabelError

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_SETTING: Final = "fetch: in sluice.yaml"
_CHUNK: Final = 64 * 1024
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Fetcher:
    """Fetches over HTTPS what stands on the hosts of a list.

    Args:
        hosts: Names of hosts; one that begins with a dot stands for every name that ends so.
        seconds: How long one may take, all in all.
        most: Bytes that one may have.
        private: Whether addresses inside of the operator's network, plain HTTP and other ports may be used too.
    """

    def __init__(self, hosts: Collection[str], *, seconds: float, most: int, private: bool = False) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._seconds, self._most, self._private = seconds, most, private

    async def __call__(self, url: str) -> bytes:
        """Return what stands behind a URL.

        Raises:
            LabelError: It may not be fetched, or could not be; says why, and never the URL.
        """
        address = self._checked(url)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(resolver=_Checking(private=self._private), force_close=True),
                    timeout=aiohttp.ClientTimeout(total=self._seconds),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    headers={"user-agent": f"sluice/{__version__}", "accept-encoding": "identity"},
                ) as session,
                session.get(address, allow_redirects=False) as response,
            ):
                return await self._body(response)
        except TimeoutError:
            raise LabelError(f"what stands behind the URL did not come within {self._seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LabelError(f"what stands behind the URL cannot be fetched ({type(error).__name__})") from None

    def _checked(self, url: str) -> URL:
        """Return the URL if it may be fetched."""
        try:
            address = URL(url)
            port = address.port
        except ValueError:
            raise LabelError("the URL is none") from None
        host = (address.host or "").lower().rstrip(".")
        if address.scheme not in (("https", "http") if self._private else ("https",)):
            raise LabelError("only https:// URLs are fetched")
        if address.user or address.password:
            raise LabelError("the URL holds a user name or a password")
        if port != 443 and not self._private:
            raise LabelError("the URL names a port of its own")
        if not any(host == name or (name.startswith(".") and host.endswith(name)) for name in self._hosts):
            raise LabelError(f"the URL's host is none of the hosts that {_SETTING} allows")
        if (literal := _literal(host)) is not None and not self._private and not is_public(literal):
            raise LabelError("the URL's host is an address inside of a network")
        return address

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status != 200:
            raise LabelError(f"the URL's host answered with HTTP {response.status}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise LabelError("the URL's host sent it compressed, which was not asked for")
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > self._most:
                raise LabelError(
                    f"what stands behind the URL has more than {self._most} bytes; {_SETTING} says how many"
                )
        return bytes(data)


class _Checking(AbstractResolver):
    """Looks names up, and returns of their addresses those that may be connected to."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host that are not inside of a network; raises ``OSError`` if there is none."""
        found = await self._inner.resolve(host, port, family)
        if self._private:
            return found
        public = [one for one in found if (literal := _literal(one["host"])) is not None and is_public(literal)]
        if not public:
            raise OSError
        return public

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the open internet: also the one that it may wrap."""
    inner: list[IPv4Address | None] = []
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
    if any(one is not None and not is_public(one) for one in inner):
        return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
