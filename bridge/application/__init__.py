"""The use cases, one module each; pages, command line and worker call these."""
