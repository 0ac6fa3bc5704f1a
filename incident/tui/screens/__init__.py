"""The four places, and the sheets that ask something."""
