"""Names to addresses, refusing private ones: no page can send the crawler into the house."""

from typing import Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from snapmode.fetch import is_public


class PrivateAddress(DNSLookupError):  # noqa: N818 - named as its Twisted siblings
    """The name stands for an address that is not public."""


class GuardedResolver(CachingThreadedResolver):
    """Every connection goes to the address checked here, so a second look-up can't change it."""

    trusted: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: ReactorBase) -> "GuardedResolver":
        """`SNAPMODE_TRUSTED_NAMES`: host names that may be private, being the operator's seeds."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.trusted = frozenset(crawler.settings.getlist("SNAPMODE_TRUSTED_NAMES"))
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":  # noqa: N802 - Twisted's
        """The checked address; fails with `PrivateAddress`."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if name not in self.trusted and not is_public(address):
            raise PrivateAddress(f"{name} has a private address")
        return address
