"""People at terminals who sign in by the real ssh to a Debian that tests/package/run has booted, and root in there.

    people.py NAME FILE    NAME, whose password is "battery staple", signs in by a code of the secret in FILE (base32)
"""

import base64
import hashlib
import hmac
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

PASSWORD = "battery staple"
# The cheapest hash of it that there is.
HASH = "$1$story$Iqd1Ff4ZoPdDXR0sxBw9c0"
CODE = "Verification code"
CHOICE = "Your choice: "
STEP = 30


def fail(why):
    sys.exit(f"FAILED: {why}")


def root(command, check=True, typed=""):
    """What a shell of root's prints in there."""
    inside = ["nsenter", "--target", os.environ["LEADER"], "--all", "--wdns=/root"]
    clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "sh", "-euc", command]
    ended = subprocess.run(inside + clean, input=typed, capture_output=True, text=True)
    if check and ended.returncode:
        fail(f"{command}: {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended.stdout if check else ended


def code_of(secret, step):
    """What the app shows in a step (RFC 6238)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def from_base32(text):
    letters = text.replace(" ", "").strip()
    return base64.b32decode(letters + "=" * (-len(letters) % 8))


class App:
    """An authenticator app with one secret, whose owner types no code twice."""

    def __init__(self, secret):
        self.secret = secret
        self.last = 0

    def code(self, ahead=0):
        """The next one that was not typed yet; waits for it if it comes later than the host accepts."""
        step = max(self.last + 1, int(time.time()) // STEP)
        while step > int(time.time()) // STEP + 1:
            time.sleep(0.2)
        self.last = step
        return code_of(self.secret, step + ahead)


class Terminal:
    """A program at a terminal of its own, and what it shows."""

    def __init__(self, command, patience=120):
        self.shown, self.seen, self.status = "", 0, None
        self.patience, self.keys = patience, 0
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"})

    def _read(self, until):
        if not select.select([self.screen], [], [], max(0, until - time.monotonic()))[0]:
            fail(f"nothing more is shown:\n{self.shown}")
        try:
            more = os.read(self.screen, 65536)
        except OSError:
            more = b""
        self.shown += more.decode(errors="replace")
        return bool(more)

    def expect(self, *parts):
        """Which of these is shown next; None if the program ends before."""
        until = time.monotonic() + self.patience
        while True:
            places = [(self.shown.find(part, self.seen), part) for part in parts]
            found = min((place for place in places if place[0] >= 0), default=None)
            if found:
                self.seen = found[0] + len(found[1])
                return found[1]
            if not self._read(until):
                return None

    def type(self, line):
        self.keys += len(line) + 1
        os.write(self.screen, line.encode() + b"\n")

    def answer(self, question, line):
        if self.expect(question) is None:
            fail(f"no {question!r} in:\n{self.shown}")
        self.type(line)

    def end(self):
        """Its exit status."""
        if self.status is None:
            until = time.monotonic() + self.patience
            while self._read(until):
                pass
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
            os.close(self.screen)
        return self.status

    def hang_up(self):
        # Closing the terminal may not do it: others that were begun meanwhile have it open, too.
        os.kill(self.process, signal.SIGHUP)
        os.close(self.screen)
        os.waitpid(self.process, 0)


def ssh(name, *options, do="echo arrived"):
    quiet = ["-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    ways = ["-o", "PreferredAuthentications=keyboard-interactive", "-o", "NumberOfPasswordPrompts=1"]
    return Terminal(["ssh", "-F", "none", *options, *quiet, *ways, f"{name}@127.0.0.1", do])


class Visit:
    """One sign-in: whether its owner was asked for a code, and whether they got in."""

    def __init__(self, name, answers=(), app=None, end=None):
        self.terminal = ssh(name)
        self.asked = self.was_in = False
        answers = list(answers)
        self.terminal.answer("assword: ", PASSWORD)
        while found := self.terminal.expect("arrived", CODE, CHOICE):
            if found == "arrived":
                self.was_in = True
                break
            self.asked = True
            if app:
                self.terminal.type(app.code())
                app = None
            elif answers:
                self.terminal.type(answers.pop(0))
            else:
                self.terminal.hang_up()
                return
        self.terminal.end()


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        visit = Visit(sys.argv[1], app=App(from_base32(file.read())))
    if not (visit.asked and visit.was_in):
        fail(f"asked: {visit.asked}, in: {visit.was_in}\n{visit.terminal.shown}")
