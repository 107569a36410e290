"""What flows: logs, the ingest loop and dead letters."""
