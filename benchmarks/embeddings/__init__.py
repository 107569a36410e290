"""Makes docs/results/embeddings.md: networks side by side, on galleries never trained on."""
