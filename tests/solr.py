"""Collections of Solr for tests: made when first used, dropped at the end."""

import json
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from snapmode.settings import Settings

if TYPE_CHECKING:
    from indexer.solr_catalog import SolrCatalog


class Collections:
    """Catalogs with a name of their own on the Solr of these settings."""

    def __init__(self, settings: Settings) -> None:
        self.keys = dict(settings.catalog.arguments)
        self.url = str(self.keys["url"]).split(",", maxsplit=1)[0]
        self._prefix = f"t{uuid4().hex[:12]}-"
        self._opened: list[SolrCatalog] = []

    def open(self, name: str, **keys: Any) -> "SolrCatalog":
        """Imported here: pysolr is not there without the extra `cluster`."""
        from indexer.solr_catalog import SolrCatalog

        self._opened.append(SolrCatalog(**{**self.keys, "collection": self.full(name), **keys}))
        return self._opened[-1]

    def full(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def ask(self, path: str, body: object = None, **asked: str) -> dict[str, Any]:
        """Solr itself, without anything of ours between."""
        address = f"{self.url}/{path}?{urllib.parse.urlencode(asked)}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def __enter__(self) -> "Collections":
        return self

    def __exit__(self, *error: object) -> None:
        for catalog in self._opened:
            catalog.close()
        if self.ask("admin/info/system")["mode"] == "solrcloud":
            for name in self.ask("admin/collections", action="LIST")["collections"]:
                if name.startswith(self._prefix):
                    self.ask("admin/collections", action="DELETE", name=name)
            return
        for name in self.ask("admin/cores", action="STATUS")["status"]:
            if name.startswith(self._prefix):
                self.ask("admin/cores", action="UNLOAD", core=name, deleteInstanceDir="true")
