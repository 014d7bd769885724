"""Pages for a browser: what they are made of, a run's report, and the site of all requirements."""
