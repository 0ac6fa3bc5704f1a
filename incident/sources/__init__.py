"""Ring 2: the outside world, one file per outside thing. Foreign text is cleaned here, once."""

import sys

# httpx loads a command line of its own, with click and pygments, wherever those happen to be installed. Nothing here
# uses it, and it would be a third of what loading httpx costs the start: None makes Python pass it over.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
