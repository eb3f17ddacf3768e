"""Rules of this code base that no tool knows: each is a function from a folder to the faults found in it."""
