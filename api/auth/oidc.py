"""OpenID Connect: who somebody is at the agency's own sign-in service (code flow with PKCE).

A flow is one random text in the browser's cookie; state, nonce and verifier are derived from it,
so the service keeps nothing between the two requests, however many workers there are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.auth.vault import Vault
from api.errors import SignInError

__all__ = ["Provider", "new_flow"]

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Of signatures by a key pair; never ``none``, nor one made with the client's secret."""
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0

log = logging.getLogger("petajaga.api")


def new_flow() -> str:
    """What the cookie of a new flow holds."""
    return secrets.token_urlsafe(32)


class Provider:
    """The sign-in service at ``issuer``, where this service is registered as ``client_id``."""

    def __init__(
        self, issuer: str, *, client_id: str, client_secret: str | None, vault: Vault
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._vault = vault

    async def address(self, flow: str, *, redirect_uri: str) -> str:
        """Where the browser goes to sign in.

        Raises
        ------
        SignInError
            The provider does not answer as it should.
        """
        async with _client() as client:
            metadata = await self._metadata(client)
        challenge = hashlib.sha256(self._derived(flow, "verifier").encode()).digest()
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": self._derived(flow, "state"),
            "nonce": self._derived(flow, "nonce"),
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = metadata["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def subject(self, flow: str, *, redirect_uri: str, answer: Mapping[str, str]) -> str:
        """Who signed in: the subject of the ID token that the code of ``answer`` is changed for.

        Raises
        ------
        SignInError
            ``session.oidc_refused``: anything is not as it should be (state, issuer, audience,
            signature, nonce, expiry, verifier), or the provider says no.
        """
        code, state = answer.get("code"), answer.get("state", "")
        expected = self._derived(flow, "state") if flow else ""
        if not (flow and code and hmac.compare_digest(expected.encode(), state.encode())):
            raise _refused("no flow of this browser")
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207
            raise _refused("an answer of another issuer")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": self._derived(flow, "verifier"),
        }
        async with _client() as client:
            metadata = await self._metadata(client)
            tokens = await _json(
                client.post(metadata["token_endpoint"], data=form, auth=self._basic())
            )
            keys = await _json(client.get(metadata["jwks_uri"]))
        return self._checked(tokens.get("id_token", ""), keys, self._derived(flow, "nonce"))

    def _checked(self, id_token: Any, keys: Any, nonce: str) -> str:
        claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
            claims.validate(token.claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _refused(type(error).__name__) from None
        # OpenID Connect Core 3.1.3.7: with several audiences, who it was issued to
        if token.claims.get("azp", self._client_id) != self._client_id:
            raise _refused("issued to another client")
        return str(token.claims["sub"])

    async def _metadata(self, client: httpx.AsyncClient) -> dict[str, Any]:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await _json(client.get(address))
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if metadata.get("issuer") != self.issuer or not all(metadata.get(name) for name in wanted):
            raise _refused("its configuration is of another issuer, or incomplete")
        return metadata

    def _basic(self) -> httpx.Auth:
        if self._client_secret is None:
            return httpx.Auth()  # a public client: the verifier alone
        return httpx.BasicAuth(quote(self._client_id, safe=""), quote(self._client_secret, safe=""))

    def _derived(self, flow: str, use: str) -> str:
        return self._vault.digest(f"oidc {use}", flow)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)


async def _json(answer: Any) -> dict[str, Any]:
    """The object that a request brings."""
    try:
        response: httpx.Response = await answer
        document = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise _refused(type(error).__name__) from None
    if not isinstance(document, dict):
        raise _refused("no JSON object")
    return document


def _refused(reason: str) -> SignInError:
    """Why goes to the log of the operator; the person who signs in is not told."""
    log.warning("sign-in by OpenID Connect refused: %s", reason)
    return SignInError("session.oidc_refused")
