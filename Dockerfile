# The check-in service and the command line, for a user without privileges; see docs/operations.md.

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY docs/rules docs/rules
COPY docs/errors docs/errors
COPY grammar grammar
COPY policy_lang policy_lang
RUN python -m venv /opt/policy && /opt/policy/bin/pip install --no-cache-dir '.[service]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data policy
COPY --from=build /opt/policy /opt/policy
ENV PATH="/opt/policy/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    POLICY_DATABASE=sqlite:////data/policy.db \
    POLICY_SERVER__HOST=0.0.0.0 \
    POLICY_SERVER__PORT=8080
WORKDIR /data
USER policy
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["policy"]
CMD ["serve"]
