"""The command line of tabgan: it parses, calls `tabgan`, and prints. Data goes to stdout, everything else to stderr."""
