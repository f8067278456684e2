"""Screens of people who type: a terminal with commands and what they print, and an editor of code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.screens.desktop import ENDINGS, window
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.words import counted
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import MONTHS

GROUNDS: tuple[tuple[Colour, Colour, Colour], ...] = (  # of a terminal: behind the print, the print, the prompt
    ((12, 12, 12), (204, 204, 204), (90, 220, 90)), ((48, 10, 36), (238, 238, 236), (138, 226, 52)),
    ((0, 43, 54), (147, 161, 161), (42, 161, 152)), ((0, 0, 0), (60, 230, 60), (60, 230, 60)),
    ((1, 36, 86), (238, 237, 240), (250, 240, 120)), ((255, 255, 255), (20, 20, 20), (20, 90, 180)),
    ((0, 0, 0), (255, 176, 40), (255, 176, 40)), ((40, 42, 54), (248, 248, 242), (255, 121, 198)),
)  # fmt: skip
COMMAND = ("Which command was typed first?", "What is the first command?")
LAST_COMMAND = ("Which command was typed last?", "What is the last command?")
HOST = ("What is the name of the computer?", "What is the host name?", "On which host is the user logged in?")
LOGGED_IN = ("Which user is logged in?", "What is the user name in the prompt?")
SIZE = ("What is the size of {row}?", "How many bytes does {row} have?", "How large is {row}?")
SIZE_OF = ("Which file has {value} bytes?", "Which file has the size {value}?")
OWNER = ("Who owns {row}?", "Who is the owner of {row}?")
CHANGED = ("When was {row} changed?", "What is the date of {row}?")
RIGHTS = ("What are the permissions of {row}?", "Which permissions does {row} have?")
CPU = ("How much CPU does process {row} use?", "What is the CPU share of {row}?", "{row}: CPU?")
MEMORY = ("How much memory does process {row} use?", "What is the memory share of {row}?")
RUNS = ("What is process {row} called?", "Which command has the PID {row}?", "Which program runs as {row}?")
RUNS_OF = ("What is the PID of {value}?", "Which PID does {value} have?", "{value}: PID?")
RUN_BY = ("Who runs process {row}?", "Which user owns process {row}?")
USED = ("How full is {row}?", "What is the use of {row} in percent?")
FREE = ("How much space is available on {row}?", "How much is left on {row}?")
WHERE = ("Where is {row} mounted?", "What is the mount point of {row}?")
MESSAGE = ("What is the message of commit {row}?", "What does commit {row} say?")
MESSAGE_OF = ("Which commit says '{value}'?", "What is the hash of the commit '{value}'?")
REPLY = ("How long did reply {row} take?", "What is the time of icmp_seq={row}?")
PROGRAMS = (
    "nginx sshd tmux python3 postgres cron node java systemd dockerd redis vim less rsync make gcc firefox mysqld"
).split()


class Console:
    """Lines of one pitch in a box, from its top to its foot."""

    def __init__(self, screen: Screen, box: Box, ink: Colour) -> None:
        self.screen, self.box, self.ink = screen, box, ink
        self.pitch = screen.body.width("0")
        self.step = screen.body.height * screen.rng.uniform(1.0, 1.2)
        self.y = box.y0
        self.columns = int(box.width // self.pitch)

    @property
    def left(self) -> int:
        """How many lines there is room for."""
        return int((self.box.y1 - self.y) // self.step)

    def row(self, cells: Sequence[tuple[int, str]], ink: Colour | None = None) -> None:
        """One line of words, each at its column; a negative column is where the word ends."""
        for column, text in cells:
            x = self.box.x0 + (column if column >= 0 else -column - len(text)) * self.pitch
            self.screen.canvas.write(x, self.y, text, self.screen.body, ink or self.ink)
        self.y += self.step


def terminal(sheet: Sheet) -> None:
    """A prompt, commands, and their output until the screen is full or nothing more is to be said."""
    rng, facts, values, canvas = sheet.rng, sheet.facts, sheet.values, sheet.canvas
    page = Box(0, 0, canvas.width, canvas.height)
    screen = Screen(sheet, page, dark=True, ems=26, mono=True)
    ground, ink, bright = rng.choice(GROUNDS)
    user, host = sheet.once(lambda: values.first_name().lower().split()[0]), sheet.once(values.word)
    box = page
    if screen.chance(0.5) and min(page.width, page.height) > 24 * screen.em:
        screen.look = replace(screen.look, accent=blend(ground, ink, 0.3), on_accent=ink)
        box = window(screen, page, rng.choice(("Terminal", f"{user}@{host}", "bash", "Console")))
    screen.fill(box, ground)
    console = Console(screen, box.inset(0.7 * screen.em), ink)
    folder = rng.choice(("~", "/var/log", f"~/{values.word()}", "/etc", f"/srv/{values.word()}"))
    prompt = rng.choice(
        (f"{user}@{host}:{folder}$", f"[{user}@{host} {folder}]$", f"{user}@{host} {folder} %")
    )
    if len(prompt) > console.columns // 2:
        prompt = f"{user}@{host}$"
    facts.ask(host, HOST)
    facts.ask(user, LOGGED_IN)
    commands: list[str] = []
    runs = [(words, run) for words, least, run in COMMANDS if least <= console.columns]
    rng.shuffle(runs)
    runs += [
        again for again in runs if again[1] in (_list, _commits)
    ] * 2  # whose rows are never the same twice
    enough = console.left * rng.uniform(0.2, 0.5)
    for words, run in runs:
        command = rng.choice(words)
        if console.left < max(5, enough) or len(prompt) + 1 + len(command) > console.columns:
            continue
        console.row([(0, prompt), (len(prompt) + 1, command)], bright if screen.chance(0.6) else None)
        commands.append(command)
        run(console, min(max(console.left - 1, 0), sheet.count(4, 22)))
    if console.left >= 1:
        console.row([(0, prompt)])
        x = console.box.x0 + (len(prompt) + 1) * console.pitch
        canvas.fill(x, console.y - console.step, x + console.pitch, console.y - 0.1 * console.step, ink)
    if commands:
        facts.want(commands[0], COMMAND)
        facts.ask(commands[-1], LAST_COMMAND)
    facts.lack(SIZE, row="")
    facts.caption = f"A terminal of {user} on {host} with {counted(len(commands), 'command')}."
    facts.kind = "terminal"


def _list(console: Console, count: int) -> None:
    """Files with their rights, owner, size and date."""
    screen, rng = console.screen, console.screen.rng
    owners = [screen.values.first_name().lower().split()[0][:8] for _ in range(2)] + ["root"]
    for _ in range(count):
        owner, size = rng.choice(owners), str(int(10 ** rng.uniform(1.2, 6.9)))
        rights = "-" + rng.choice(("rw-r--r--", "rwxr-xr-x", "rw-------", "rw-rw-r--", "r--r--r--"))
        when = f"{rng.choice(MONTHS)[:3]} {rng.randint(1, 28)}"
        name = screen.sheet.fitting(
            lambda: screen.sheet.once(lambda: f"{screen.values.word()}.{rng.choice(ENDINGS)}"),
            screen.body,
            (console.columns - 22) * console.pitch,
        )
        if not name:
            continue
        wide = console.columns >= 37 + len(name)
        cells = (
            [(0, rights), (12, owner), (-28, size), (30, when), (37, name)]
            if wide
            else [(0, rights), (-20, size), (22, name)]
        )
        console.row(cells)
        screen.cell(name, "size", size, SIZE, SIZE_OF)
        screen.facts.ask(rights, RIGHTS, one_of_many=True, row=name)
        if wide:
            screen.facts.ask(owner, OWNER, one_of_many=True, row=name)
            screen.facts.ask(when, CHANGED, one_of_many=True, row=name)


def _processes(console: Console, count: int) -> None:
    """Running programs with their number and what they use."""
    screen, rng = console.screen, console.screen.rng
    wide = console.columns >= 44
    console.row(
        [(0, "USER"), (-17, "PID"), (-24, "%CPU"), (-30, "%MEM"), (32, "COMMAND")]
        if wide
        else [(-6, "PID"), (-13, "%CPU"), (15, "COMMAND")]
    )
    programs = rng.sample(PROGRAMS, min(count - 1, len(PROGRAMS))) if count > 1 else []
    for program in programs:
        pid, cpu, memory = (
            screen.sheet.once(lambda: str(rng.randint(1, 32767))),
            f"{rng.uniform(0, 99):.1f}",
            f"{rng.uniform(0, 40):.1f}",
        )
        user = rng.choice(
            ("root", "root", "www-data", "nobody", screen.values.first_name().lower().split()[0][:9])
        )
        console.row(
            [(0, user), (-17, pid), (-24, cpu), (-30, memory), (32, program)]
            if wide
            else [(-6, pid), (-13, cpu), (15, program)]
        )
        screen.cell(pid, "program", program, RUNS, RUNS_OF)
        screen.cell(pid, "cpu", cpu, CPU)
        if wide:
            screen.cell(pid, "memory", memory, MEMORY)
            screen.cell(pid, "user", user, RUN_BY)


def _disks(console: Console, count: int) -> None:
    """Disks with how full they are and, where there is room for it, where they hang."""
    screen, rng = console.screen, console.screen.rng
    wide = console.columns > 44
    heads = (
        [(-19, "Size"), (-26, "Avail"), (-32, "Use%"), (34, "Mounted on")]
        if wide
        else [(-19, "Avail"), (-25, "Use%")]
    )
    console.row([(0, "Filesystem"), *heads])
    places = ["/", "/home", "/boot", "/var", "/tmp", "/mnt/backup", "/data"]
    for number, place in enumerate(places[: max(count - 1, 0)], 1):
        disk, size, share = f"/dev/sda{number}", rng.randint(20, 900), rng.randint(1, 99)
        free, use = f"{size * (100 - share) // 100}G", f"{share}%"
        cells = (
            [(-19, f"{size}G"), (-26, free), (-32, use), (34, place)] if wide else [(-19, free), (-25, use)]
        )
        console.row([(0, disk), *cells])
        screen.cell(disk, "use", use, USED)
        screen.cell(disk, "free", free, FREE)
        if wide:
            screen.cell(disk, "place", place, WHERE)


def _commits(console: Console, count: int) -> None:
    """Changes with the sign and the message of each."""
    screen, rng = console.screen, console.screen.rng
    verbs = ("Fix", "Add", "Remove", "Rename", "Update", "Test", "Speed up", "Document")
    for _ in range(count):
        sign = screen.sheet.once(lambda: f"{rng.getrandbits(28):07x}")
        message = screen.sheet.once(lambda: f"{rng.choice(verbs)} {screen.values.words(1, 3)}")
        if len(message) + 9 <= console.columns:
            console.row([(0, sign), (8, message)])
            screen.cell(sign, "message", message, MESSAGE, MESSAGE_OF)


def _ping(console: Console, count: int) -> None:
    """Replies of a computer, numbered, with their times."""
    screen, rng = console.screen, console.screen.rng
    address = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    for number in range(1, min(count, 12) + 1):
        time = f"{rng.uniform(0.5, 90):.1f}"
        head = f"64 bytes from {address}:" if console.columns > 55 else "64 bytes:"
        console.row(
            [
                (0, head),
                (len(head) + 1, f"icmp_seq={number}"),
                (len(head) + 13, f"time={time}"),
                (len(head) + 23, "ms"),
            ]
        )
        screen.facts.ask(time, REPLY, one_of_many=True, row=str(number))


# What may be typed, the columns its output needs, and what prints that.
COMMANDS: tuple[tuple[tuple[str, ...], int, Callable[[Console, int], None]], ...] = (
    (("ls -l", "ls -la", "ls -lh *"), 34, _list),
    (("ps aux", "ps -ef", "top -b"), 26, _processes),
    (("df -h", "df -h /dev"), 26, _disks),
    (("git log --oneline", "git log"), 26, _commits),
    (("ping gateway", "ping -c 9 mirror"), 34, _ping),
)
