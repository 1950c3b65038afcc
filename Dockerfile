# The gateway's image. Build: docker build -t registry.example.com/sluice:0.1.0 --build-arg VERSION=0.1.0 .

FROM python:3.11-slim AS build
# The wheel's extras: "postgres" for the gateway; "postgres,eval" also lets the nightly evaluation use Ragas.
ARG EXTRAS=postgres
WORKDIR /src
COPY pyproject.toml README.md constraints.txt ./
COPY gateway/ gateway/
COPY evaluators/ evaluators/
COPY policies/ policies/
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/sluice \
    && /opt/sluice/bin/python -m pip install --no-cache-dir --constraint constraints.txt "$(ls /wheels/*.whl)[${EXTRAS}]" \
    && /opt/sluice/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.11-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="A gateway that makes LLM traffic safe, compliant and measurable." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/sluice/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LITELLM_LOCAL_MODEL_COST_MAP=True \
    LITELLM_MODE=PRODUCTION \
    HF_HUB_OFFLINE=1 \
    RAGAS_DO_NOT_TRACK=true
COPY --from=build /opt/sluice /opt/sluice
COPY policies/ /usr/share/sluice/policies/
COPY benchmarks/ /usr/share/sluice/benchmarks/
# The one place that is written to; it belongs to the user that the chart runs as.
RUN install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/sluice
WORKDIR /var/lib/sluice
VOLUME ["/var/lib/sluice"]
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["sluice"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
