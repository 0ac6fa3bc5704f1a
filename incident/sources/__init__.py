"""Ring 2: the outside world, one file per outside thing. Foreign text is cleaned here, once."""
