#!/usr/bin/env python3
"""image.py NAME:TAG ROOTFS FILE.tar COMMAND_JSON [ENVIRONMENT_JSON]

Makes a Docker archive with one layer of a directory, which ctr, podman and docker import.
"""
import hashlib
import io
import json
import sys
import tarfile

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def layer(root):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(root, arcname=".", recursive=True)
    return out.getvalue()


def main(name, root, target, command, environment=json.dumps([PATH])):
    content = layer(root)
    digest = hashlib.sha256(content).hexdigest()
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": json.loads(environment), "Cmd": json.loads(command)},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
            "history": [{"created_by": "image.py"}],
        }
    ).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": [digest + "/layer.tar"]}]
    files = {
        digest + "/layer.tar": content,
        config_name: config,
        "manifest.json": json.dumps(manifest).encode(),
    }
    with tarfile.open(target, "w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
