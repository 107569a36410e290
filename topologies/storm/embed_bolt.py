"""Embeds the pictures of products."""

from streamparse import Bolt

from topologies.storm.tuples import EMBEDDED_FIELDS


class EmbedBolt(Bolt):
    outputs = EMBEDDED_FIELDS
