"""The page on which a person acts as the Google user of a rehearsal."""
