"""`make bench`: all of them, one after the other."""

from benchmarks import cluster, ingest, scale, search

if __name__ == "__main__":
    ingest.main()
    search.main()
    with cluster.fresh_engines() as engines:
        cluster.measure(engines)
        scale.measure(engines)
