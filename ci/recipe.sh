#!/bin/sh
# A whole job, whoever runs it: installs the chatconform of this checkout, runs it with every report, ends with the exit
# code of the run. ci/run.sh says which variables it reads; what the script is given are more arguments of the run.
# CHATCONFORM_HOME is where it is installed (by default .chatconform), CHATCONFORM_PYTHON for which Python;
# CHATCONFORM_INSTALL=false takes what is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=${CHATCONFORM_HOME:-$PWD/.chatconform}
if [ "${CHATCONFORM_INSTALL:-true}" = true ]; then
  # 3: nothing was measured. Those of an installer mean other things.
  "$here/install.sh" "$home" || { echo "ci/recipe.sh: chatconform could not be installed" >&2; exit 3; }
  PATH=$home/bin:$PATH
fi
exec "$here/run.sh" "$@"
