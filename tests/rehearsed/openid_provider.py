"""A small OpenID provider on loopback: it signs in whoever comes, as the person it is told.

It is as strict as a real one about what a client sends: PKCE, client secret, redirect address, one
use per code. `lie` is told how its ID tokens are to be wrong.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "crmdav", "a secret: of the client"
REDIRECT_URI = "http://127.0.0.1:5232/oauth/openid/callback"


class OpenIdProvider:
    """The provider; `claims` are what it says of the person."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"email": "anna@acme.example", "email_verified": True}
        self.lie: dict[str, Any] = {}
        self.requests: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.key_id = "one"
        self._key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self._other_key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> OpenIdProvider:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self.key_id = "two"
        self._key = RSAKey.generate_key(2048, {"kid": "two"}, private=True)

    def person_signs_in(self, address: str) -> str:
        """Return where the provider sends a person who came to this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == REDIRECT_URI
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{urlsplit(REDIRECT_URI).path}?{urlencode(back)}"

    def metadata(self) -> dict[str, Any]:
        """Return what it publishes about itself."""
        return {
            "issuer": self.lie.get("metadata_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def jwks(self) -> dict[str, Any]:
        """Return its public keys."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint."""
        kind, _, credentials = authorization.partition(" ")
        client, _, secret = base64.b64decode(credentials).decode().partition(":")
        if (kind, unquote(client), unquote(secret)) != ("Basic", CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or form.get("redirect_uri") != asked["redirect_uri"]
            or form.get("grant_type") != "authorization_code"
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "of no use",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self._id_token(asked["nonce"]),
        }

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "sub": "1234",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.claims,
            **self.lie.get("claims", {}),
        }
        if self.lie.get("unsigned"):
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            body = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
            return f"{head}.{body}."
        key = self._other_key if self.lie.get("other_key") else self._key
        return jwt.encode({"alg": "RS256", "kid": self.key_id}, told, key)


def _handler_of(provider: OpenIdProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            provider.requests.append(path)
            provider.may_answer.wait(20)
            if provider.lie.get("broken"):
                self._answer(200, "<html>")
            elif path == "/.well-known/openid-configuration":
                self._answer(200, json.dumps(provider.metadata()))
            elif path == "/jwks":
                self._answer(200, json.dumps(provider.jwks()))
            else:
                self._answer(404, "{}")

        def do_POST(self) -> None:
            provider.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, told = provider.token(form, self.headers.get("Authorization", ""))
            self._answer(status, json.dumps(told))

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler
