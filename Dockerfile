# Compiled wheels come with everything that they need; nothing is installed from the distribution.
FROM python:3.13-slim AS explorer
WORKDIR /build/explorer
COPY explorer/ ./
# The same way to build it as outside of a container; it brings Node.js along, pinned by hash.
RUN ["python", "build.py"]

FROM python:3.13-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/app HOST=0.0.0.0 PORT=8000
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY alembic.ini schema.graphql ./
COPY alembic alembic
COPY api api
COPY schema schema
COPY db db
COPY domain domain
COPY ingest ingest
COPY operations operations
COPY --from=explorer /build/explorer/dist explorer/dist
# A number, so that an orchestrator can tell that it is not root. Nothing of the image belongs to this user.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "api"]
CMD ["serve"]
