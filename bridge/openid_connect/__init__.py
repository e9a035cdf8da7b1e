"""OpenID Connect as its relying party: who is it, says a provider that the administrator named."""
