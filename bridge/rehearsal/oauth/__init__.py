"""Google's OAuth: consent page, tokens, revocation, user information."""
