# One image for web, worker, beat and migrate; docker-compose.yml says which runs what.

# Plotly's basic bundle, in the version that package.json pins
FROM node:22-slim AS scripts
WORKDIR /scripts
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BIND=0.0.0.0 PORT=8000 \
    DJANGO_SETTINGS_MODULE=kzmedia.settings PYTHONPATH=/app
WORKDIR /app
# Chromium draws pictures of charts; the fonts have Kazakh letters; the others encrypt backups and send them away.
RUN apt-get update && apt-get install --yes --no-install-recommends chromium fonts-noto-core \
        age gpg openssh-client rsync \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY --from=scripts /scripts/node_modules node_modules
COPY . .

# Catalogues and static files are part of the image; nothing of them is made at the start.
RUN find locale -name '*.po' | while read -r po; do pybabel --quiet compile -D django -i "$po" -o "${po%.po}.mo"; done \
    && SECRET_KEY=of-the-build python -c "import django; django.setup(); \
from kzmedia.management.commands.prepare import collect_static; collect_static()" \
    && useradd --system --no-create-home --uid 10001 kzmedia \
    && mkdir -p var/run var/editions var/media var/backups var/pictures var/packages var/ledger \
    && chown kzmedia var var/run var/vendor var/editions var/media var/backups var/pictures var/packages var/ledger

USER kzmedia
EXPOSE 8000
CMD ["gunicorn", "-c", "kzmedia/processes/gunicorn.conf.py"]
