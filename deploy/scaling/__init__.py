"""Payment processing scaled on its own, on one machine: one, two, four workers, a rolling restart."""
