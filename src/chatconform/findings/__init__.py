"""What stands in an exchange, and what was found there: answers, evidence, findings, verdicts."""
