"""Records -> contacts: the schema of one contact, its file form, its table form, and one reader per real source."""
