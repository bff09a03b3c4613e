# The bot alone: what it needs at run time, pinned with hashes (requirements-run.txt), as a user without rights.
#
#   docker build -t slipway .
#   docker run --env-file slipway.env -p 8000:8000 -v slipway-data:/data -v "$PWD/sop.yaml:/etc/slipway/sop.yaml:ro" slipway
#
# Stop it with SIGTERM; after a change of sop.yaml: docker kill --signal=HUP CONTAINER

FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/slipway
WORKDIR /src
COPY requirements-run.txt ./
RUN /opt/slipway/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-run.txt
COPY pyproject.toml README.md ./
COPY storage storage
COPY bot bot
RUN /opt/slipway/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/slipway/bin/pip uninstall --yes setuptools pip \
    && /opt/slipway/bin/python -m compileall -q /opt/slipway/lib

FROM python:3.11-slim-bookworm
# ssh-keygen verifies the signatures of preflights; git is not needed: the bot pushes through GitHub's API
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin slipway
COPY --from=build /opt/slipway /opt/slipway
COPY manifest.yml /etc/slipway/manifest.yml
ENV PATH=/opt/slipway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    SOP_FILE=/etc/slipway/sop.yaml \
    DATABASE_URL=sqlite:////data/slipway.sqlite3
WORKDIR /etc/slipway
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["slipway"]
CMD ["serve"]
