# Images: `app` is the snapmode command (the default), `supervisor` is Storm with snapmode for its workers.
#   docker build --target app -t snapmode .                          ONNX Runtime on the CPU
#   docker build --target app --build-arg VARIANT=cuda -t snapmode:cuda .        and on NVIDIA GPUs
#   docker build --target supervisor [--build-arg VARIANT=cuda] -t snapmode-storm .
ARG VARIANT=cpu

# Storm's scripts look for Python where distributions have it.
FROM python:3.11.14-slim-bookworm AS base-cpu
RUN ln -sf /usr/local/bin/python3 /usr/bin/python3

# CUDA 12 and cuDNN 9 are what onnxruntime-gpu 1.25 is built for; Ubuntu 24.04 has Python 3.12.
FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04 AS base-cuda
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

FROM python:3.11.14-slim-bookworm AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY snapmode snapmode
COPY crawler crawler
COPY embedder embedder
COPY indexer indexer
COPY topologies topologies
COPY api api
COPY demo_shop demo_shop
COPY engines engines
COPY configs configs
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM base-${VARIANT} AS packages
ARG VARIANT
COPY --from=wheel /wheel /wheel
RUN python3 -m venv /opt/snapmode \
    && /opt/snapmode/bin/pip install --no-cache-dir "$(echo /wheel/snapmode-*.whl)[cluster]"
# Both packages are the module `onnxruntime`, so the one takes the other's place.
RUN if [ "$VARIANT" = cuda ]; then \
        /opt/snapmode/bin/pip uninstall -y onnxruntime \
        && /opt/snapmode/bin/pip install --no-cache-dir onnxruntime-gpu==1.25.1; \
    fi

# The virtualenv is where it was made: its scripts name their interpreter by absolute path.
# Storm's supervisor looks after its workers with ps and kill, which are in procps.
FROM base-${VARIANT} AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends procps tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 snapmode \
    && install -d -o snapmode -g snapmode /data /logs
COPY --from=packages /opt/snapmode /opt/snapmode
ENV PATH=/opt/snapmode/bin:$PATH SNAPMODE_DATA_FOLDER=/data PYTHONUNBUFFERED=1
WORKDIR /data
USER snapmode
VOLUME /data

# Java and Storm from the official image, beside the same virtualenv that the app has.
FROM storm:2.8.3-jre17 AS storm

FROM runtime AS supervisor
COPY --from=storm /opt/java/openjdk /opt/java/openjdk
COPY --from=storm /apache-storm /apache-storm
ENV JAVA_HOME=/opt/java/openjdk STORM_CONF_DIR=/etc/storm PATH=$PATH:/opt/java/openjdk/bin:/apache-storm/bin
VOLUME /logs
ENTRYPOINT ["tini", "--", "storm"]
CMD ["supervisor"]

FROM runtime AS app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["tini", "--", "snapmode"]
CMD ["serve", "--host", "0.0.0.0"]
