"""What to crawl: addresses from the command line and a site file (TOML)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from crawler.addresses import host_of, normalised
from snapmode.errors import ConfigError
from snapmode.settings import Crawl, Positive, PositiveFloat, Table, checked, read_toml

Header = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*$")]


class Limits(Table):
    """Overrides of the settings' [crawl] for the shops of one site file; None keeps the setting."""

    user_agent: str | None = None
    concurrency_per_host: Positive | None = None
    delay: Annotated[float, Field(ge=0)] | None = None
    auto_throttle: bool | None = None
    timeout: PositiveFloat | None = None
    max_page_bytes: Positive | None = None
    max_pages: Positive | None = None
    max_pictures: Positive | None = None
    retries: Annotated[int, Field(ge=0)] | None = None
    obey_robots: bool | None = None


class Site(Table):
    """A site file: the seeds of a shop, and how it wants to be crawled."""

    seeds: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    """Further hosts whose pages belong to the shop; a seed's own host always does."""
    limits: Limits = Limits()
    headers: dict[str, Header] = Field(default_factory=dict)
    """Sent with every request for a page of the hosts named here or as seeds."""

    def overridden(self, limits: Crawl) -> Crawl:
        """The settings with this site's limits on top."""
        return limits.model_copy(update=self.limits.model_dump(exclude_none=True))


def read_site(path: Path | None) -> Site:
    """The site file, checked; `ConfigError` names file and key."""
    if path is None:
        return Site()
    site = checked(Site, read_toml(path), path)
    for url in site.seeds:
        _address(url, f"{path}: seeds: ")
    return site


def seeds_of(urls: list[str], site: Site) -> list[str]:
    """Every seed, normalised; `ConfigError` for what is no web address, or when there is none."""
    seeds = [_address(url) for url in [*urls, *site.seeds]]
    if not seeds:
        raise ConfigError("nothing to crawl: give a URL, or a --site file with seeds")
    return list(dict.fromkeys(seeds))


def hosts_of(seeds: list[str], site: Site) -> set[str]:
    """The hosts whose pages are followed: the seeds' and the allowed ones, with and without www."""
    hosts = {host_of(seed) for seed in seeds} | {name.lower() for name in site.allowed_domains}
    return hosts | {
        host.removeprefix("www.") if host.startswith("www.") else f"www.{host}" for host in hosts
    }


def _address(url: str, where: str = "") -> str:
    found = normalised(url)
    if not found:
        raise ConfigError(f"{where}{url!r} is no web address; write it as https://shop.example/")
    return found
