"""An independent walker: urllib and lxml, no knowledge of the shop's grammar."""

import gzip
import http.client
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from lxml import etree, html

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def is_html(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    def tree(self) -> html.HtmlElement:
        return html.fromstring(self.body)

    def canonical(self) -> str | None:
        found = self.tree().xpath("//link[@rel='canonical']/@href")
        return found[0] if found else None


@dataclass
class Visitor:
    base: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=10)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def get(self, url: str, method: str = "GET", **headers: str) -> Page:
        """One request, redirects not followed."""
        parts = urlsplit(urljoin(self.base + "/", url))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.connection.request(method, target or "/", headers=headers)
        answer = self.connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Page(parts.geturl(), answer.status, answer.read(), found)

    def robots(self) -> RobotFileParser:
        parser = RobotFileParser()
        parser.parse(self.get("/robots.txt").body.decode().splitlines())
        return parser

    def links(self, page: Page) -> set[str]:
        """Addresses of the same shop that *page* links with words; pictures are not walked."""
        try:
            hrefs = page.tree().xpath("//a[normalize-space()]/@href")
        except (etree.ParserError, ValueError):
            return set()
        found = {urljoin(page.url, href).partition("#")[0] for href in hrefs}
        return {each for each in found if each.startswith(self.base)}

    def walk(self) -> dict[str, Page]:
        """Every page reachable by links from the home page that robots.txt allows."""
        robots, seen = self.robots(), {}
        waiting = [self.base + "/"]
        while waiting:
            url = waiting.pop()
            if url in seen or not robots.can_fetch("visitor", url):
                continue
            page = seen[url] = self.get(url)
            if page.status in REDIRECTS:
                waiting.append(urljoin(url, page.headers["location"]))
            elif page.is_html:
                waiting.extend(self.links(page))
        return seen

    def mapped(self) -> set[str]:
        """All addresses in the sitemaps robots.txt names."""
        found: set[str] = set()
        waiting = list(self.robots().site_maps() or [])
        while waiting:
            page = self.get(waiting.pop())
            body = gzip.decompress(page.body) if page.url.endswith(".gz") else page.body
            tree = etree.fromstring(body)
            urls = [each.strip() for each in tree.xpath("//*[local-name()='loc']/text()")]
            (waiting.extend if "sitemapindex" in tree.tag else found.update)(urls)
        return found
