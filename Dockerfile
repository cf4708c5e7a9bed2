# One image for web, mail, worker, beat and migrate. Build it anew each month: base image, zone data.
FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN ["python", "-m", "venv", "/venv"]
COPY requirements.txt ./
# Hashes pin the content; wheels only, so no package runs code of its own while it is installed.
RUN ["/venv/bin/pip", "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements.txt"]
COPY . .
ENV PYTHONTZPATH="" \
    STATIC_ROOT=/app/staticfiles \
    STATICFILES_STORAGE=whitenoise.storage.CompressedManifestStaticFilesStorage
# The key is thrown away with this layer's process: collecting files signs nothing.
RUN SECRET_KEY="$(/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim-trixie
# Python reads zone rules from the pinned tzdata package; the system's copy is for everything else.
RUN apt-get update \
    && apt-get upgrade --yes \
    && apt-get install --yes --no-install-recommends tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 cop \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin cop \
    && install --directory --owner cop --group cop --mode 0750 /srv/media /var/lib/cop /var/lib/cop/beat
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONTZPATH="" \
    MEDIA_ROOT=/srv/media \
    STATIC_ROOT=/app/staticfiles \
    STATICFILES_STORAGE=whitenoise.storage.CompressedManifestStaticFilesStorage
WORKDIR /app
COPY --from=build /venv /venv
# Owned by root: the running site cannot change its own code.
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/deploy/entrypoint"]
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "cop.wsgi:application"]
