"""A bare terminal for tests: a program with a pty of its own, and how long it takes to answer."""
import contextlib
import fcntl
import os
import pathlib
import select
import signal
import struct
import subprocess
import termios
import time


SUPPRESSED = pathlib.Path(__file__).resolve().parent / "lsan.txt"


class Terminal:
    """Runs a program that takes the terminal over; everything it writes is read and can be searched."""

    def __init__(self, command: list[str], cwd: str, cols: int = 80, rows: int = 24, env: dict[str, str] | None = None) -> None:
        self.master, slave = os.openpty()
        self.resize(cols, rows)
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave, close_fds=True,
                                        env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                                             "LSAN_OPTIONS": f"suppressions={SUPPRESSED}", **(env or {})},
                                        preexec_fn=lambda: os.login_tty(0))
        os.close(slave)
        self.output = b""
        self.signs = b"~^{}@"

    def resize(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def send(self, keys: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self.master, keys)

    def read(self, seconds: float) -> bool:
        """What has come within so long; False when the program has closed its side."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.master, 65536)
        except OSError:
            return False
        self.output += got
        return bool(got)

    def until(self, wanted: bytes, since: int, patience: float) -> float | None:
        """Seconds until `wanted` turns up in the output after byte `since`; None: it does not."""
        begun = time.monotonic()
        while wanted not in self.output[since:]:
            if time.monotonic() - begun > patience or not self.read(0.2):
                return None
        return time.monotonic() - begun

    def answer(self, keys: bytes = b"", patience: float = 30.0) -> float | None:
        """Sends keys, then types a sign after ":"; seconds until it is on the screen. The prompt is closed again."""
        since = len(self.output)
        self.signs = self.signs[1:] + self.signs[:1]  # another one than is on the screen, which is not drawn again
        self.send(keys + b":" + self.signs[:1])
        took = self.until(self.signs[:1], since, patience)
        self.send(b"\x15\x7f")
        return took

    def wait(self, patience: float = 30.0) -> int | None:
        """The program's status, None while it does not end."""
        end = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        return self.process.poll()

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self.master >= 0:
            os.close(self.master)
