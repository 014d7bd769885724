"""From plays to judgements: checks, how they are judged, and what a run's judgements add up to."""
