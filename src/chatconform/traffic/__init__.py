"""Traffic that was recorded before, by us or by others: files in, exchanges out, what is lost named."""
