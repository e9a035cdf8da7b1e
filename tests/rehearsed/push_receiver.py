"""A web server on loopback that takes push messages and keeps them in order."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PushReceiver:
    """Keeps the messages it is sent; `with` starts and stops it.

    Attributes:
        address: Where it listens, a URL.
        answers: Statuses of the next answers, first in first out; then 200.
    """

    def __init__(self):
        self._messages = queue.Queue()
        self.answers = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver._take(self, body)

            def log_message(self, *_arguments):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/hooks/google"

    def _take(self, handler, body):
        try:
            status = self.answers.get_nowait()
        except queue.Empty:
            status = 200
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        self._messages.put((dict(handler.headers), body))

    def next(self, *, seconds=15):
        """Return headers (names in lower case) and body of the next message."""
        headers, body = self._messages.get(timeout=seconds)
        return {name.lower(): value for name, value in headers.items()}, body

    def next_state(self, *, channel=None):
        """Return state of the next message, of one channel if told."""
        while True:
            headers, _ = self.next()
            if channel in (None, headers["x-goog-channel-id"]):
                return headers["x-goog-resource-state"]

    def count(self):
        """Return how many messages wait to be looked at."""
        return self._messages.qsize()

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
