"""From the learner's text to statements."""
