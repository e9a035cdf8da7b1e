"""Wiring: settings become objects here and nowhere else; nothing is decided.

`core` is what every command needs, `background` what the worker and single runs need, `server` the
one web application. Each imports only what it wires, so that a short command starts quickly.
"""
