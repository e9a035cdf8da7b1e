"""google-auth-oauthlib's Flow against a rehearsal, with a person at the consent page."""

from google_auth_oauthlib.flow import Flow

from consent_page import decide, open_page

CALENDAR = "https://www.googleapis.com/auth/calendar"
REDIRECT = "http://127.0.0.1:5232/oauth/google/callback"


class Consent:
    """Flows of one rehearsal's client; sessions are closed by `close`.

    Args:
        google: The rehearsal at hand.
    """

    def __init__(self, google):
        self._google = google
        self._flows = []

    def flow(self, *scopes, redirect=REDIRECT, **options):
        """Return a flow for scopes, Calendar's by their last part (".events") or whole."""
        described = self._google.described
        web = {
            "client_id": described.client_id,
            "client_secret": described.client_secret,
            "auth_uri": described.authorization_url,
            "token_uri": described.token_url,
            "redirect_uris": [redirect],
        }
        whole = [f"{CALENDAR}{each}" if each[:1] in {"", "."} else each for each in scopes]
        made = Flow.from_client_config({"web": web}, scopes=whole, redirect_uri=redirect, **options)
        self._flows.append(made)
        return made

    def answer(self, flow, decision="allow", *, untick=(), account=None, **wish):
        """Let a person decide about a flow and return the address the browser is sent to."""
        url, _ = flow.authorization_url(**wish)
        status, page, _ = open_page(self._google, url)
        assert status == 200, page
        return decide(self._google, page, decision, untick=untick, account=account)

    def grant(self, *scopes, account=None, **wish):
        """Return the credentials of a whole consent."""
        flow = self.flow(*scopes)
        address = self.answer(flow, account=account, **wish)
        flow.fetch_token(authorization_response=address)
        return flow.credentials

    def close(self):
        """Close the flows' sessions."""
        while self._flows:
            self._flows.pop().oauth2session.close()
