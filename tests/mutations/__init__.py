"""Seeded mistakes: each one alone must be caught by the tests (reliability.md C9)."""
