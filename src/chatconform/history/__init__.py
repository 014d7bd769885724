"""Many runs of a target in the order of time: trends, and which verdict changed in which run."""
