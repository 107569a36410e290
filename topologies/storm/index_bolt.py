"""Writes products and their vectors."""

from streamparse import Bolt


class IndexBolt(Bolt):
    pass
