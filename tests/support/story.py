"""The fault of the stories that gates and CI are tested with, and the requirement that it breaks."""

FAULT, BROKEN = "wide-stop-ignored", "CC-STOP-008"
