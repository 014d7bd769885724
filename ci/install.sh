#!/bin/sh
# Installs the chatconform of this checkout into FOLDER, apart from everything else, with the locked versions and their
# hashes: `ci/install.sh FOLDER` makes FOLDER/bin/chatconform. CHATCONFORM_PYTHON may name a version, such as 3.13.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:?the folder is missing: ci/install.sh FOLDER}"
to=$(cd "$1" && pwd)

uv=$(command -v uv) || {
  uv=$to/uv/bin/uv
  [ -x "$uv" ] || { python3 -m venv "$to/uv" && "$to/uv/bin/pip" install --quiet --disable-pip-version-check uv; }
}
"$uv" venv --quiet --clear --python "${CHATCONFORM_PYTHON:->=3.11}" "$to/venv"
# The lock holds the tools of our developers as well: as constraints it is taken for what is needed alone.
VIRTUAL_ENV=$to/venv "$uv" pip install --quiet --constraints "$root/requirements.lock" "$root"
mkdir -p "$to/bin"
ln -sf ../venv/bin/chatconform "$to/bin/chatconform"
"$to/bin/chatconform" --version
