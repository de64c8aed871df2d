"""A server of our own that speaks S3."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "of-the-tests", "AWS_SECRET_ACCESS_KEY": "of-the-tests"}


@contextmanager
def running(bucket: str) -> Iterator[tuple[str, ThreadedMotoServer]]:
    """Run a server with an empty bucket; yield its address, and the server to stop before its time."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    before = {name: os.environ.get(name) for name in KEYS}
    os.environ.update(KEYS)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket=bucket)
    try:
        yield address, server
    finally:
        server.stop()
        for name, text in before.items():
            if text is None:
                os.environ.pop(name)
            else:
                os.environ[name] = text
