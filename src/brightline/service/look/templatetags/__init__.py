"""What the templates of every face may use."""
