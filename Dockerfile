# The app, and also its Dask scheduler and workers: one image for all, see compose.yaml.
#   docker build -t cnn-playground .
#   docker run -p 8501:8501 -v playground:/data cnn-playground
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}

# For workers with a GPU: tensorflow[and-cuda]
ARG TENSORFLOW=tensorflow-cpu

RUN useradd --create-home --uid 1000 playground \
 && mkdir /data && chown playground /data && chmod 700 /data

WORKDIR /app
COPY requirements.txt .

# TensorFlow's headers and the symbols of its libraries are half a gigabyte that nothing here needs.
# They go in the layer that brings them, or they would stay in the image.
RUN python3 -m venv /venv \
 && sed -i "s/^tensorflow-cpu==/${TENSORFLOW}==/" requirements.txt \
 && /venv/bin/pip install --no-cache-dir -r requirements.txt \
 && apt-get update && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /venv/lib/python3*/site-packages/tensorflow/include \
 && find /venv/lib/python3*/site-packages/tensorflow -name "libtensorflow_*.so.2" -exec strip --strip-unneeded {} + \
 && apt-get purge --yes --auto-remove binutils && rm -rf /var/lib/apt/lists/*

COPY . .

ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 CNN_PLAYGROUND_HOME=/data
USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python3", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.port=8501", "--server.headless=true", "--server.fileWatcherType=none"]
