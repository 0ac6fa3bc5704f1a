"""Where updates go."""
