"""What a person does to events in Google's own page, whoever sends the wish."""
