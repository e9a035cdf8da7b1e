"""The schema's history: numbered steps, forward only, never edited after a release."""
