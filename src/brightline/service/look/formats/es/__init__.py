"""Days and times in Spanish."""
