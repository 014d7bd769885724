"""`python -m chatconform` is the command line."""

from chatconform.cli import main

main()
