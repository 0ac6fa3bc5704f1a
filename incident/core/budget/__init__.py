"""SLO and error budget: what is promised, how much of the allowed failure is left, and what follows from it."""
