"""Where golden signals come from."""
