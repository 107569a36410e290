"""`make bench`: all of them, one after the other."""

from benchmarks import ingest, search

if __name__ == "__main__":
    ingest.main()
    search.main()
