"""`python -m tabgan_cli` is the command `tabgan`."""

from tabgan_cli.main import main

main()
