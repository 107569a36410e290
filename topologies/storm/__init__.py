"""The components of the topologies on Storm: thin spouts and bolts around the steps of the hall."""
