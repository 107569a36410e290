"""How well pictures are found and drawn: manifests, measures, intervals, reports."""
