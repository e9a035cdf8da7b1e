"""The pages: sign in, Calendar sync. Flask and Jinja, usable without script."""

from bridge.web.app import create_app

__all__ = ["create_app"]
