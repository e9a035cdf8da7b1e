"""Consents, codes and tokens: making, using, ending them.

Source: Google, "Using OAuth 2.0 for Web Server Applications"; RFC 6749, RFC 7636, RFC 7009.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from bridge.rehearsal.oauth.scopes import ALL_CALENDAR_SCOPES, PREFIX, is_sign_in, split_scopes
from bridge.rehearsal.world import World

ACCESS_SECONDS = 3599
TESTING_REFRESH_SECONDS = 7 * 24 * 3600
_UNUSED_SECONDS = 183 * 24 * 3600
_CODE_SECONDS = 600
_REFRESH_TOKENS_KEPT = 100
_EVERYTHING = ("openid", f"{PREFIX}userinfo.email", f"{PREFIX}userinfo.profile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who an access token speaks for.

    Attributes:
        email: Account.
        client_id: Client that holds the token, "" for the printed one.
        scopes: Granted scopes in their full form.
    """

    email: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A person's consent on its way to the client.

    Attributes:
        email: Account that consented.
        client_id: Client it is for.
        scopes: What was granted.
        redirect_uri: Where the code was sent; the exchange must name the same.
        challenge: PKCE challenge, "" for none.
        challenge_method: `S256` or `plain`.
        gives_refresh: Whether the exchange hands out a refresh token.
        nonce: To be repeated in the id token, "" for none.
    """

    email: str
    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    challenge_method: str
    gives_refresh: bool
    nonce: str

    def proven_by(self, verifier: str) -> bool:
        """Return whether the verifier belongs to the challenge (RFC 7636 section 4.6)."""
        if not self.challenge:
            return True
        if self.challenge_method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return secrets.compare_digest(verifier, self.challenge)


def granted_before(world: World, email: str, client_id: str) -> tuple[str, ...]:
    """Return every scope this person has granted this client; () before the first consent."""
    sql = "SELECT scopes FROM consent WHERE email = ? AND client_id = ?"
    row = world.state.row(sql, (email, client_id))
    return () if row is None else split_scopes(row["scopes"])


def add_code(world: World, code: Code) -> str:
    """Store a consent and return its one-time code, good for ten minutes."""
    text = f"4/0A{secrets.token_urlsafe(48)}"
    expires = world.clock.milliseconds() + _CODE_SECONDS * 1000
    with world.state.transaction():
        before = granted_before(world, code.email, code.client_id)
        world.state.execute(
            "INSERT OR REPLACE INTO consent (email, client_id, scopes) VALUES (?, ?, ?)",
            (code.email, code.client_id, " ".join(dict.fromkeys(before + code.scopes))),
        )
        world.state.execute(
            "INSERT INTO code (code, email, client_id, scopes, redirect_uri, challenge, "
            "challenge_method, gives_refresh, nonce, expires) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                text,
                code.email,
                code.client_id,
                " ".join(code.scopes),
                code.redirect_uri,
                code.challenge,
                code.challenge_method,
                int(code.gives_refresh),
                code.nonce,
                expires,
            ),
        )
    return text


def take_code(world: World, text: str) -> Code | None:
    """Return the consent behind a code and end the code; None for unknown, used or expired ones."""
    with world.state.transaction():
        row = world.state.row("SELECT * FROM code WHERE code = ?", (text,))
        world.state.execute("DELETE FROM code WHERE code = ?", (text,))
    if row is None or row["expires"] <= world.clock.milliseconds():
        return None
    return Code(
        email=row["email"],
        client_id=row["client_id"],
        scopes=split_scopes(row["scopes"]),
        redirect_uri=row["redirect_uri"],
        challenge=row["challenge"],
        challenge_method=row["challenge_method"],
        gives_refresh=bool(row["gives_refresh"]),
        nonce=row["nonce"],
    )


def issue_access_token(world: World, bearer: Bearer) -> str:
    """Return a new access token, good for an hour of the rehearsal's clock."""
    token = f"ya29.a0{secrets.token_urlsafe(64)}"
    world.state.execute(
        "DELETE FROM token WHERE kind = 'access' AND expires <= ?", (world.clock.milliseconds(),)
    )
    _store(world, token, kind="access", bearer=bearer, seconds=ACCESS_SECONDS)
    return token


def issue_refresh_token(world: World, bearer: Bearer) -> str:
    """Return a new refresh token; beyond 100 per person and client the oldest dies silently."""
    token = f"1//0{secrets.token_urlsafe(64)}"
    limit = refresh_limit(world, bearer.scopes)
    kind, seconds = ("refresh", _UNUSED_SECONDS) if limit is None else ("limited", limit)
    with world.state.transaction():
        _store(world, token, kind=kind, bearer=bearer, seconds=seconds)
        world.state.execute(
            "DELETE FROM token WHERE kind != 'access' AND email = ? AND client_id = ? "
            "AND position NOT IN (SELECT position FROM token "
            "WHERE kind != 'access' AND email = ? AND client_id = ? "
            "ORDER BY position DESC LIMIT ?)",
            (bearer.email, bearer.client_id, bearer.email, bearer.client_id, _REFRESH_TOKENS_KEPT),
        )
    return token


def refresh_limit(world: World, scopes: tuple[str, ...]) -> int | None:
    """Return the seconds a refresh token lives from now however it is used, or None for no end.

    In testing, tokens that open more than name, address and picture live a week.
    """
    in_testing = world.switches.publishing_status == "testing"
    signs_in_only = all(is_sign_in(scope) for scope in scopes)
    return TESTING_REFRESH_SECONDS if in_testing and not signs_in_only else None


def use_refresh_token(world: World, token: str) -> Bearer | None:
    """Return whom a living refresh token speaks for, or None; its six months begin anew."""
    with world.state.transaction():
        bearer = find_bearer(world, token, kind="refresh")
        if bearer is None:
            return find_bearer(world, token, kind="limited")
        expires = world.clock.milliseconds() + _UNUSED_SECONDS * 1000
        world.state.execute("UPDATE token SET expires = ? WHERE token = ?", (expires, token))
    return bearer


def _store(world: World, token: str, *, kind: str, bearer: Bearer, seconds: int) -> None:
    expires = world.clock.milliseconds() + seconds * 1000
    world.state.execute(
        "INSERT INTO token (token, kind, email, client_id, scopes, expires) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (token, kind, bearer.email, bearer.client_id, " ".join(bearer.scopes), expires),
    )


def find_bearer(world: World, token: str, *, kind: str = "access") -> Bearer | None:
    """Return whom a living token speaks for, or None."""
    if kind == "access":
        printed = world.state.row("SELECT email FROM account WHERE access_token = ?", (token,))
        if printed is not None:
            scopes = _EVERYTHING + tuple(PREFIX + scope for scope in sorted(ALL_CALENDAR_SCOPES))
            return Bearer(email=printed["email"], client_id="", scopes=scopes)
    row = world.state.row("SELECT * FROM token WHERE token = ? AND kind = ?", (token, kind))
    if row is None or (row["expires"] is not None and row["expires"] <= world.clock.milliseconds()):
        return None
    return Bearer(
        email=row["email"], client_id=row["client_id"], scopes=split_scopes(row["scopes"])
    )


def revoke(world: World, token: str) -> bool:
    """End the whole grant a token belongs to: every token of this person and client.

    Returns:
        False when no living token of this name exists.
    """
    with world.state.transaction():
        kinds = ("refresh", "limited", "access")
        found = (find_bearer(world, token, kind=kind) for kind in kinds)
        bearer = next(filter(None, found), None)
        if bearer is None or not bearer.client_id:
            return False
        whose = (bearer.email, bearer.client_id)
        for table in ("token", "code", "consent"):
            sql = f"DELETE FROM {table} WHERE email = ? AND client_id = ?"  # noqa: S608 - names above
            world.state.execute(sql, whose)
    return True
