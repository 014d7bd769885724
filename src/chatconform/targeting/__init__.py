"""The targets that a repository names in its `chatconform.toml`.

    file = read_targets(find_targets(Path.cwd()))
    target = described(file["staging"])

`reading` finds and reads the file, `schema` says what may stand in it, `lines` where something stands, and
`profile` is what it says, as values. `describing` makes a target of it, with secrets from the environment;
`called` finds those that a command line names.
"""

from chatconform.targeting.describing import described
from chatconform.targeting.profile import Given, TargetFile, TargetProfile
from chatconform.targeting.reading import FILE_NAME, find_targets, read_targets

__all__ = ["FILE_NAME", "Given", "TargetFile", "TargetProfile", "described", "find_targets", "read_targets"]
