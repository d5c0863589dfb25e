"""The gate: an agency receives, decides, answers, follows up and reports requests from federal agencies."""
