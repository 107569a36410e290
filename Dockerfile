# One image for every part; what it runs is the command. Embedded adapters, ONNX Runtime on the CPU.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY snapmode snapmode
COPY crawler crawler
COPY embedder embedder
COPY indexer indexer
COPY topologies topologies
COPY api api
COPY demo_shop demo_shop
COPY configs configs
RUN python -m venv /opt/snapmode && /opt/snapmode/bin/pip install --no-cache-dir .

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 snapmode && install -d -o snapmode /data
COPY --from=build /opt/snapmode /opt/snapmode
ENV PATH=/opt/snapmode/bin:$PATH SNAPMODE_DATA_FOLDER=/data
USER snapmode
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["snapmode"]
CMD ["serve", "--host", "0.0.0.0"]
