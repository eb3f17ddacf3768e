"""The billing platform on the command line."""

VERSION = "1.0.0"
