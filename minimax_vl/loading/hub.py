"""A model's name becomes a folder: packaged weights, a local folder, or a snapshot from the Hugging Face hub."""

from __future__ import annotations

import os
import re
from pathlib import Path

from minimax_vl.errors import InvalidRequest, ModelMissing
from minimax_vl.presets import PRESETS, preset

PACKAGED = Path(__file__).parents[1] / "assets"
SHIPPED = ("nano",)  # presets whose weights are part of the package
HUB_IDS = {"minimax-vl-01": "MiniMaxAI/MiniMax-VL-01"}
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
WANTED = ["*.safetensors", "*.json", "*.jinja", "*.txt"]  # weights never as pickles
BUSY = (408, 429)  # and all from 500 on: the hub does not refuse, it cannot answer now
TIMEOUT = 10.0  # seconds for the one question that decides whether the hub can be reached
# As huggingface_hub takes it: a token; True or None for the one that is stored, None where there may be none; False.
Token = str | bool | None


def resolve(
    name_or_path: str | Path, *, revision: str | None = None, local_only: bool = False, token: Token = None
) -> Path:
    """The folder of a preset, a path or a hub id, downloaded if it must be.

    A preset's name wins over a folder of that name; write ./nano for the folder, or give a Path, which is no name.
    A branch or tag is turned into its commit first, so all files are of one commit, whose hash names the folder; a
    broken download resumes. local_only: what is not here already is not asked for. token: as what the hub is asked.
    Raises ModelMissing, without delay when the hub is off or out of reach; InvalidRequest for an unknown name, and for
    a revision of what is not on the hub.
    """
    name = "" if isinstance(name_or_path, Path) else str(name_or_path)
    packaged = PACKAGED / name
    if name in PRESETS and (packaged / "config.json").is_file():
        return _only_here(packaged, name, revision)
    if name in HUB_IDS:
        return _snapshot(HUB_IDS[name], revision, local_only, token)
    if name in PRESETS:
        raise _without_weights(name, packaged)
    place = os.path.expanduser(str(name_or_path))
    path = Path(place)
    if os.path.isdir(
        place
    ):  # not path.is_dir(), which raises where a name is too long or a folder above it closed
        return _only_here(_opened(path), place, revision)
    if os.path.exists(place):
        raise ModelMissing(
            found=f"{path} is a file",
            expected="a folder with config.json and *.safetensors",
            cause="the path of a weights file instead of the folder around it",
            next_step=f"give {path.parent}",
        )
    if HUB_ID.fullmatch(name) and _hub_could_have(name):
        return _snapshot(name, revision, local_only, token)
    if not name or os.sep in name or name.startswith("."):
        raise ModelMissing(
            found=f"no folder {place!r}",
            expected="a checkpoint folder, a preset or a hub id",
            cause="a typing error, or a path relative to another folder",
            next_step=f"check the path, or use a preset: {', '.join(PRESETS)}",
        )
    preset(name)  # raises, and lists the names that exist
    raise AssertionError(f"{name} is a preset that resolve() forgot")


def _only_here(folder: Path, name: str, revision: str | None) -> Path:
    """The folder, unless a revision of it is asked for, which would be ignored."""
    if revision in (None, "main"):  # "main" is what other tools fill in where nothing was said
        return folder
    raise InvalidRequest(
        found=f"revision {revision!r} of {name!r}, which is {folder}",
        expected="a revision of a hub id: its branch, tag or commit",
        cause="a packaged preset or a local folder, of which there is one version",
        next_step="leave the revision out, or give the hub id",
    )


def _without_weights(name: str, packaged: Path) -> ModelMissing:
    """Of a preset that is not on the hub either."""
    if name in SHIPPED:
        return ModelMissing(
            found=f"preset {name!r}, which has a config and no weights here",
            expected=f"weights in {packaged}",
            cause="the package was installed without its assets",
            next_step="install the wheel, or give the path of a checkpoint folder",
        )
    return ModelMissing(
        found=f"preset {name!r}, which has a config and no weights",
        expected=f"a preset with weights ({', '.join((*SHIPPED, *HUB_IDS))}), a checkpoint folder or a hub id",
        cause="a geometry for tests, whose weights are random and part of no package",
        next_step=f"minimax-vl make-checkpoint DIR --preset {name}, then --model DIR",
    )


def _opened(folder: Path) -> Path:
    if os.access(folder, os.R_OK | os.X_OK):
        return folder
    raise ModelMissing(
        found=f"{folder}, which this user may not open",
        expected="a checkpoint folder that can be read",
        cause="another user's folder",
        next_step="change its permissions, or copy the checkpoint",
    )


def _hub_could_have(name: str) -> bool:
    """Whether the hub's own rules allow this id; runs/lr--3 can only be a folder."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True


def _snapshot(repo: str, revision: str | None, local_only: bool, token: Token) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    reason = "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "local files only were asked for"
    if not (constants.HF_HUB_OFFLINE or local_only):
        commit, reason = _commit(repo, revision or "main", token)
        if commit:
            return _download(repo, commit, token)
    try:  # what an earlier download left; an unfinished one is found out when its index is read
        return Path(snapshot_download(repo, revision=revision or "main", local_files_only=True))
    except (LocalEntryNotFoundError, OSError) as error:
        # Downloads are by commit, so the cache knows commits and perhaps no branch: any will do, the newest first.
        snapshots = Path(constants.HF_HUB_CACHE, f"models--{repo.replace('/', '--')}", "snapshots")
        found = sorted(snapshots.glob("*"), key=lambda path: path.stat().st_mtime) if revision is None else []
        if found:
            return found[-1]
        raise ModelMissing(
            found=f"{repo} is not in the local cache, and the hub cannot be asked ({reason})",
            expected="a downloaded snapshot, or a connection to the Hugging Face hub",
            cause="no network, a proxy that is not set, or offline mode; or a folder was meant, and there is none of"
            " this name here",
            next_step="connect and try again, give a downloaded folder, or use 'nano', which is packaged",
        ) from error


def _commit(repo: str, revision: str, token: Token) -> tuple[str | None, str]:
    """(commit hash, "") or (None, why the hub gave no answer); a hub that says no raises ModelMissing."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return HfApi().model_info(repo, revision=revision, timeout=TIMEOUT, token=token).sha, ""
    except HfHubHTTPError as error:
        if error.response.status_code in BUSY or error.response.status_code >= 500:
            return None, f"it answers with status {error.response.status_code}"
        raise ModelMissing(
            found=f"the hub refuses {repo} at revision {revision} ({type(error).__name__})",
            expected="a public model, or one that your token may read",
            cause="a typing error in the id or revision, or a model that asks for a login",
            next_step="check the id on the hub; `hf auth login` for a restricted model",
        ) from error
    except Exception as error:  # whose class it is depends on the HTTP library of huggingface_hub's version
        return None, f"{type(error).__name__}: {error}"


def _download(repo: str, commit: str, token: Token) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repo, revision=commit, allow_patterns=WANTED, token=token))
    except Exception as error:  # as above, and a full disk
        raise ModelMissing(
            found=f"the download of {repo} at {commit[:12]} stopped ({type(error).__name__}: {error})",
            expected="all files of one commit",
            cause="a connection that broke, or a full disk",
            next_step="start again: finished files are kept, and HF_HOME chooses another disk",
        ) from error
