"""Pictures to unit vectors: decoding, preprocessing, models and their runtimes."""
