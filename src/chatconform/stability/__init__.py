"""Which verdicts change by themselves over equal runs, and why: values, no input or output."""
