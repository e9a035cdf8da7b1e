"""`python -m bridge` is `crmdav`."""

from bridge.cli import main

if __name__ == "__main__":
    main()
