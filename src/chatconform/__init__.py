"""chatconform: does a URL speak the OpenAI Chat Completions API, and where exactly does it not?"""

from pathlib import Path

from chatconform._version import __version__

# In a checkout the data folders lie beside src/, in a wheel inside this package. Extending the package's
# path makes `chatconform.suites` one name for both.
_checkout = Path(__file__).resolve().parents[2]
if (_checkout / "spec" / "openapi.yaml").is_file():
    __path__.append(str(_checkout))

__all__ = ["__version__"]
