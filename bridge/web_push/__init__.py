"""Messages to push services: encryption, our signature, and one careful HTTP request."""
