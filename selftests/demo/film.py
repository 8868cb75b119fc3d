#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""film.py RECORD FOLDER PICTURES: is what was recorded the film that the camera sent?

FOLDER has the film, see Makefile. Says how many pictures and octets of sound there are.
Each picture has to be the next one of the film, from the first on, and there have to be
at least PICTURES. The sound has to be one piece of the film's: a recorder may leave out
what is before its first picture, but not much.
"""

import os
import subprocess
import sys

PACKET = 160            # octets of sound in a packet, 20 ms
SLACK = 25              # packets


def ffmpeg(path, *args):
    done = subprocess.run(("ffmpeg", "-nostdin", "-v", "error", "-i", path) + args + ("-",),
                          check=True, stdout=subprocess.PIPE)
    return done.stdout


def hashes(text):
    """A hash of each picture that "framemd5" has."""
    return [line.split(b",")[-1].strip() for line in text.splitlines() if line[:1] != b"#"]


def pictures(path):
    """A hash of each picture that is recorded.

    A receiver that sets its clock anew may give two of them the same time, and FFmpeg would
    take the one for a copy of the other.
    """
    return hashes(ffmpeg(path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5"))


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def compare(record, folder, least):
    """Pictures and octets of sound; AssertionError says what is not as it was."""
    seen = pictures(record)
    heard = ffmpeg(record, "-map", "0:a", "-c", "copy", "-f", "mulaw")
    shown, said = hashes(read(folder, "pictures.md5")), read(folder, "sound.ul")
    assert len(set(shown)) == len(shown), "the film has the same picture twice"
    assert len(seen) >= least, "%d pictures" % len(seen)
    assert seen == shown[:len(seen)], "other pictures than were sent"
    at = said.find(heard)
    assert at >= 0 and at % PACKET == 0, "another sound than was sent"
    assert at <= SLACK * PACKET, "the sound begins at octet %d" % at
    assert len(heard) // PACKET >= 5 * len(seen) - SLACK, "%d octets of sound" % len(heard)
    return len(seen), len(heard)


if __name__ == "__main__":
    print(*compare(sys.argv[1], sys.argv[2], int(sys.argv[3])))
