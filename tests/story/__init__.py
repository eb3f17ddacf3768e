"""The story of one workspace: every operation of all five APIs once, for examples and for proofs."""
