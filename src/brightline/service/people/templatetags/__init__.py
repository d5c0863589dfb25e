"""What the templates about people may ask."""
