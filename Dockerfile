# The image of web, worker and beat. Versions are those of requirements.txt, to the hash.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 VAR_DIR=/srv/var PATH=/srv/venv/bin:$PATH
RUN useradd --system --no-create-home --uid 10001 rebound \
    && mkdir -p /srv/var/media && chown -R rebound /srv/var
WORKDIR /srv/rebound

COPY requirements.txt .
RUN python -m venv /srv/venv && pip install --no-cache-dir --require-hashes -r requirements.txt

COPY --chown=rebound . .
USER rebound
# Collected once, here; the key is only for this step and is in no running container.
RUN pybabel compile -D django -d locale \
    && PRODUCTION=1 SECRET_KEY=only-for-collecting-static-files-0123456789 \
       python manage.py collectstatic --noinput --verbosity 0

EXPOSE 8000
CMD ["gunicorn", "crm.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "16", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30", "--no-control-socket"]
