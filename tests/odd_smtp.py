"""A mail server that misbehaves as told: it refuses, hangs, drips or hangs up at a given step."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes

STEPS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot")
OK = {"greeting": "220 ready", "AUTH": "235 welcome", "DATA": "354 go on", "body": ""}
HANG, HANG_UP, DRIP = "hang", "hang up", "drip"


@dataclass
class OddServer:
    """`answers` says what comes at which step instead of the usual: a reply, HANG, HANG_UP or DRIP.

    With `for_recipient` only mails to that address meet it. `received` are the messages taken with 250,
    and `before_yes` is called between taking one and saying so.
    """

    answers: dict[str, str] = field(default_factory=dict)
    for_recipient: str = ""
    extensions: tuple[str, ...] = ()
    hangs_up_after_each: bool = False
    before_yes: Callable[[], None] = lambda: None
    received: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def message_ids(self) -> list[str]:
        return [str(message_from_bytes(message)["Message-ID"]) for message in self.received]

    def listen(self, listener: socket.socket) -> None:
        while not self.stopped.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                self.connections += 1
                threading.Thread(target=self.talk, args=[connection], daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            self.say(connection, "greeting", "")
            recipient = ""
            while line := lines.readline():
                word = line[:4].decode().strip().upper()
                if word == "RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                if word == "EHLO":
                    self.greet(connection)
                elif word == "DATA":
                    self.take(connection, lines, recipient)
                elif word in STEPS:
                    self.say(connection, word, recipient)
                else:
                    connection.sendall(b"221 bye\r\n" if word == "QUIT" else b"250 fine\r\n")
                if word == "QUIT":
                    return

    def greet(self, connection: socket.socket) -> None:
        lines = [f"250-{extension}" for extension in self.extensions]
        connection.sendall("\r\n".join([*lines, "250 odd", ""]).encode())

    def take(self, connection: socket.socket, lines: Iterator[bytes], recipient: str) -> None:
        if not self.say(connection, "DATA", recipient):
            return
        self.say(connection, "body", recipient)
        body = b""
        for line in lines:
            if line == b".\r\n":
                break
            body += line.removeprefix(b".")
        if self.answer_to("dot", recipient) == usual_answer("dot"):
            self.received.append(body)
            self.before_yes()
        self.say(connection, "dot", recipient)
        if self.hangs_up_after_each:
            connection.shutdown(socket.SHUT_RDWR)

    def answer_to(self, step: str, recipient: str) -> str:
        concerned = not self.for_recipient or recipient == self.for_recipient
        return self.answers.get(step, usual_answer(step)) if concerned else usual_answer(step)

    def say(self, connection: socket.socket, step: str, recipient: str) -> bool:
        """Do what belongs to this step; True if it was the usual answer."""
        answer = self.answer_to(step, recipient)
        if answer == HANG:
            self.stopped.wait(30)
        elif answer == HANG_UP:
            connection.shutdown(socket.SHUT_RDWR)
        elif answer == DRIP:
            while not self.stopped.wait(0.3):
                connection.sendall(b"2")
        elif answer:
            connection.sendall(f"{answer}\r\n".encode())
        return answer == usual_answer(step)


def usual_answer(step: str) -> str:
    return OK.get(step, "250 fine")


@contextmanager
def odd_server(**how: object) -> Iterator[OddServer]:
    server = OddServer(**how)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        threading.Thread(target=server.listen, args=[listener], daemon=True).start()
        try:
            yield server
        finally:
            server.stopped.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
