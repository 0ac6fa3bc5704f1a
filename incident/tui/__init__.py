"""Ring 3: the console. The only folder that draws."""
