"""`python -m snapmode` is the `snapmode` command."""

from snapmode.command import main

if __name__ == "__main__":
    main()
