"""What every SDK must do, as data: `*.json`, and the server that plays the other side."""
