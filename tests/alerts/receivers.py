"""Real receivers on loopback: an SMTP server, a webhook's receiver, a Telegram Bot API. They keep what they were given."""

import json
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps every message whole; `answers` are given in turn before "250 OK"."""

    def __init__(self):
        self.messages = []
        self.answers = []
        self.seconds = 0.0

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        if self.answers:
            return self.answers.pop(0)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(self.seconds)  # taken, but the sender does not know it yet
        return "250 OK"


class MailServer(Controller):
    def __init__(self):
        super().__init__(Mailbox(), hostname="127.0.0.1", port=0)

    def _trigger_server(self):
        """aiosmtpd asks its own port, which is 0 until it is bound."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"


class WebServer:
    """Answers every POST from `answers` in turn (status, JSON), then with 200; keeps path, headers and body."""

    def __init__(self):
        self.posts = []
        self.answers = []
        self.seconds = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((self.path, dict(self.headers), body))
                status, answer = outer.answers.pop(0) if outer.answers else (200, {"ok": True})
                time.sleep(outer.seconds)
                try:
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(json.dumps(answer).encode())
                except ConnectionError:
                    pass  # the sender was killed meanwhile

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def texts(self):
        return [parse_qs(body.decode())["text"][0] for _, _, body in self.posts]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
