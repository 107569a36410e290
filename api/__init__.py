"""The HTTP API and the search page. The one home of FastAPI."""
