"""Faults in the list of models, in single models, and in chats with models that there are not."""
