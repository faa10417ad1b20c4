"""A terminal of tmux for tests: keys go in, the screen comes out."""
import os
import pathlib
import re
import shlex
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0


class Screen:
    """A shell in a terminal of tmux, of its own server."""

    def __init__(self, folder: str, cols: int = 100, rows: int = 30, term: str = "tmux-256color", locale: str = "C.UTF-8") -> None:
        self.socket = str(pathlib.Path(folder, f"s{time.monotonic_ns()}"))
        env = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR", "LANG", "LC_CTYPE")}
        env |= {"LC_ALL": locale, "XDG_CONFIG_HOME": folder, "PS1": "$ ", "TERM": term, "HISTFILE": "/dev/null"}
        inner = shlex.join(["env", f"TERM={term}", f"LC_ALL={locale}", f"XDG_CONFIG_HOME={folder}", "PS1=ready$ ", "sh"])
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(cols), "-y", str(rows), "-c", str(ROOT), inner, env=env | {"LC_ALL": "C.UTF-8"})

    def tmux(self, *words: str, env: dict[str, str] | None = None) -> str:
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=env, check=True, text=True, timeout=20, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)

    def line(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.keys("Enter")

    def start(self, command: str) -> None:
        """A command whose end can be waited for."""
        self.line(command + "; echo ended $?")

    def ended(self) -> bool:
        return self.wait(r"ended \d+$")

    def text(self, colours: bool = False) -> str:
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait(self, pattern: str) -> bool:
        """Until the screen matches."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if re.search(pattern, self.text(), re.M):
                return True
            time.sleep(0.05)
        return False

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, stderr=subprocess.DEVNULL)


def is_sane(screen: Screen) -> str:
    """"" when the shell has its terminal back: echo on, cursor seen, no other screen, no mouse."""
    screen.line("stty -a | grep -o -- '-*\\becho\\b' | sed 's/^/mode:/'")
    echo = screen.wait(r"mode:echo$")
    flags = screen.tmux("display-message", "-p", "#{cursor_flag} #{alternate_on} #{mouse_any_flag}").strip()
    return "" if echo and flags == "1 0 0" else f"echo {echo}, cursor, other screen, mouse {flags}: {screen.text()}"
