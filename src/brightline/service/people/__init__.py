"""Who works here: agencies, people, their roles, tokens, and what each role may open. Knows nothing of any face."""
