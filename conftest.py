"""Plain `pytest` in a checkout needs no option to find the suites' plugin."""

pytest_plugins = ["chatconform.pytest_plugin"]
