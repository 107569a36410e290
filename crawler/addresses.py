"""URLs: one spelling per page, and the host a page belongs to."""

import hashlib
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string


def words(text: str) -> frozenset[str]:
    """A set of words, written as a sentence."""
    return frozenset(text.split())


DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "_hs", "mc_", "oly_", "vero_", "ga_")
TRACKING = words(
    "gclid gclsrc gbraid wbraid dclid fbclid msclkid yclid ttclid twclid li_fat_id igshid srsltid "
    "ref ref_ referrer referer source_id aff affid affiliate cmpid campaign_id campaignid epik "
    "irclickid wickedid spm _ga _gl _branch_match_id"
)
SESSION = words("sid sessionid session_id jsessionid phpsessid aspsessionid oscsid zenid")


def host_of(url: str) -> str:
    """The host as host:port, the port only when it is not the scheme's own; "" without a host."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        name = f"[{name}]"
    try:
        port = parts.port
    except ValueError:
        return ""
    return name if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{port}"


def is_tracking(name: str) -> bool:
    """Whether a query parameter only says where the visitor came from, or who it is."""
    lower = name.lower()
    return lower in TRACKING or lower in SESSION or lower.startswith(TRACKING_PREFIXES)


def normalised(url: str, base: str = "") -> str:
    """An address as it is asked for: absolute, no fragment, no tracking; parameters in their order.

    "" when it is no http(s) address.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            return ""
        host = host_of(urlunsplit(parts))
        if not host:
            return ""
        pairs = parts.query.split("&") if parts.query else []
        query = "&".join(pair for pair in pairs if not is_tracking(unquote(pair.partition("=")[0])))
        path = parts.path.partition(";jsessionid=")[0] or "/"
        return str(safe_url_string(urlunsplit((parts.scheme, host, path, query, ""))))
    except ValueError:
        return ""


def fingerprint(url: str) -> str:
    """Key of a normalised address: its host, and 128 bits of what comes after the scheme.

    http and https are the same page, and so are other orders of the parameters. Keys of one host
    share a prefix.
    """
    rest = canonicalize_url(url).partition("://")[2]
    return f"{host_of(url)}/{hashlib.sha256(rest.encode()).hexdigest()[:32]}"


def identity(url: str) -> str:
    """Path and sorted query: what identifies a page within its shop."""
    parts = urlsplit(canonicalize_url(url))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
