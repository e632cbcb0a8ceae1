"""The limits: what Flask answers when it has nothing to do. Served as the site itself is, beside it, in the same run."""

from __future__ import annotations

import os
import sys

from flask import Flask, Response, request

from wellness.demo import PASSWORD
from wellness.school.accounts import hash_password, is_password_of

app = Flask(__name__)
HASH = hash_password(PASSWORD)
BODY = os.urandom(int(os.environ.get("BENCH_BYTES", "9000")))


@app.get("/bytes")
def prepared() -> Response:
    """Bytes that stand ready."""
    return Response(BODY, mimetype="text/html")


@app.post("/nothing")
def nothing() -> Response:
    """Reads a form and writes nothing."""
    request.form.get("slug", "")
    return Response(status=204)


@app.post("/password")
def password() -> Response:
    """Reads a form, checks its password as the site does, and writes nothing."""
    return Response(status=204 if is_password_of(HASH, request.form["password"]) else 403)


@app.get("/healthz")
def healthz() -> str:
    """Answers when it is up."""
    return "ok"


if __name__ == "__main__":
    import waitress
    from waitress.channel import HTTPChannel

    from wellness.server import KeepsConnection

    HTTPChannel.task_class = KeepsConnection
    waitress.serve(
        app, host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=4000, asyncore_use_poll=True, ident="",
        clear_untrusted_proxy_headers=True,
    )  # fmt: skip
