"""What holds for every change: `make lint` looks at everything, `make check` at what changed."""
