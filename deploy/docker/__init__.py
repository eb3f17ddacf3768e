"""The image: built, shown to work, and taken stock of."""
