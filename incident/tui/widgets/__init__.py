"""One widget per thing you see."""
