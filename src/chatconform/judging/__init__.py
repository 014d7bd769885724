"""From exchanges to verdicts: answers, evidence, findings, checks, judgements, conformance."""
