"""The pages of the gate, one file a page."""
