"""`make bench`: all of them, one after the other."""

from benchmarks import cluster, ingest, scale, search
from tests.engines import engines_for

if __name__ == "__main__":
    ingest.main()
    search.main()
    with engines_for(cluster.FOLDER) as engines:
        cluster.measure(engines)
        scale.measure(engines)
