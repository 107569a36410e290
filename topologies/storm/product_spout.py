"""Reads the products topic."""

from streamparse import Spout

from topologies.storm.tuples import RECORD_FIELDS


class ProductSpout(Spout):
    outputs = RECORD_FIELDS
