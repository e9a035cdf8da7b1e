"""Google's half: consent, the API client, and one Google calendar as a `Collection` of the engine.

Google's JSON stays inside this package and `bridge.convert`.
"""
