"""A post-mortem in the formats that people and programs read; one file per format, found through the registry."""
