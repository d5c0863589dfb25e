"""Webhooks: what happened is told to the programs of an agency, signed, and again until they have it."""
