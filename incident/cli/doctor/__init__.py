"""What `incident doctor` looks at: each module a corner of the world, each look a list of lines."""
