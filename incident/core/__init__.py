"""Ring 1: pure. Data in, data out; no clock, disk, network, process or screen."""
