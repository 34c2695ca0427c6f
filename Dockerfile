# Offramp in one image: what the lock names, with its hashes, then the code; it runs as nobody in particular and writes
# nowhere but to the volume of OFFRAMP_HOME.

FROM python:3.11.15-slim-bookworm AS built

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/offramp
COPY requirements.lock .
RUN /opt/offramp/bin/pip install --require-hashes --no-deps --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY docs/sample-cohort.toml docs/sample-cohort.toml
COPY messages messages
COPY domain domain
COPY store store
COPY providers providers
COPY services services
COPY activities activities
COPY workflows workflows
COPY api api
COPY dashboards dashboards
COPY offramp offramp
RUN /opt/offramp/bin/pip install --no-deps --no-build-isolation . \
    && /opt/offramp/bin/python -m compileall -q /opt/offramp/lib

FROM python:3.11.15-slim-bookworm

RUN groupadd --gid 10001 offramp \
    && useradd --uid 10001 --gid offramp --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin offramp \
    && install --directory --owner=offramp --group=offramp --mode=0700 /var/lib/offramp
COPY --from=built /opt/offramp /opt/offramp
COPY docker/healthy.py /opt/healthy.py

ENV PATH=/opt/offramp/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OFFRAMP_HOME=/var/lib/offramp
USER 10001:10001
WORKDIR /var/lib/offramp
VOLUME /var/lib/offramp
EXPOSE 8400
ENTRYPOINT ["offramp"]
CMD ["api"]
