"""How root runs PostgreSQL, which refuses to be root, in a folder that may lie behind parents closed to everybody else.
The least change to the machine wins: no account is made and no permission is widened.
"""

import contextlib
import os
import pwd
import subprocess
from pathlib import Path

# A user namespace in which root is called nobody: PostgreSQL sees no root and has no capability, yet owns what root
# owns. Nothing on disk changes, and closed parent folders do not matter.
_IN_NAMESPACE = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]
_PASSING_CLOSED_FOLDERS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def launcher(data_dir: Path, program: Path) -> list[str] | None:
    """The words before a command that let it run as the folder's owner, yet not as root; None where there is no way.

    No words are needed unless we are root, and a folder of another user is used as that user. Where namespaces are
    forbidden, as in most containers, the folder is given to `nobody`, who gets the capability to pass closed parent
    folders only if they are closed.
    """
    if os.geteuid() != 0:
        return []
    if data_dir.stat().st_uid == 0:
        if _works(_IN_NAMESPACE, data_dir, program):
            return _IN_NAMESPACE
        nobody = pwd.getpwnam("nobody")
        for path in (data_dir, *data_dir.rglob("*")):
            os.lchown(path, nobody.pw_uid, nobody.pw_gid)
    owner = data_dir.stat()
    as_owner = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    for words in (as_owner, [*as_owner, *_PASSING_CLOSED_FOLDERS]):
        if _works(words, data_dir, program):
            return words
    return None


def _works(words: list[str], data_dir: Path, program: Path) -> bool:
    attempt = ["sh", "-c", 'cd "$1" && test -w . && "$2" --version', "sh", str(data_dir), str(program)]
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run([*words, *attempt], check=False, capture_output=True, cwd="/").returncode == 0
    return False
