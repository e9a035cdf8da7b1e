"""Recordings of a rehearsal for problem reports: written without anybody's data, run again."""
