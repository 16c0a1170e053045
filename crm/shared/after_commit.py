"""Messages to the workers: they leave after the commit, and a dead broker costs at most one second and no data."""

import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from celery import Task, current_app
from django.db import close_old_connections, connection, transaction
from kombu import Connection
from kombu.pools import producers

PATIENCE_SECONDS = 0.4  # to connect, to be answered, and to get hold of a free connection: each
QUIET_SECONDS = 5.0  # after a failure nobody waits again for so long
IN_PROCESS = "memory"

log = logging.getLogger(__name__)


@dataclasses.dataclass
class Doorbell:
    """The way to the broker. After a failure it rests, so that one request does not pay twice."""

    resting_until: float = 0.0

    def ring(self, message: "Message") -> None:
        """Hand it to the broker, or leave it: the sweeps find the work by its rows. Never raises."""
        if time.monotonic() < self.resting_until:
            return
        try:
            message.publish()
        except Exception as error:  # whatever it is, the work itself is saved
            self.resting_until = time.monotonic() + QUIET_SECONDS
            log.warning("The broker did not take %s: %s", message.task, error)


doorbell = Doorbell()


@dataclasses.dataclass(frozen=True)
class Message:
    """Says to the workers which task to run; the meaning is in the database."""

    task: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __call__(self) -> None:
        doorbell.ring(self)

    def publish(self) -> None:
        broker = broker_for_a_moment()
        if broker.transport_cls == IN_PROCESS:
            return  # no worker listens to this process
        with producers[broker].acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
            current_app.send_task(
                self.task,
                tuple(self.args),
                dict(self.kwargs),
                producer=producer,
                retry=False,
                **self.options,
            )

    def leave_after_commit(self) -> None:
        """At once outside a transaction, without asking the database; equal ones leave once."""
        if not connection.in_atomic_block:
            self()
        elif all(waiting[1] != self for waiting in connection.run_on_commit):
            transaction.on_commit(self)


def broker_for_a_moment() -> Connection:
    """The broker as one who does not wait; workers wait longer (settings.CELERY_BROKER_TRANSPORT_OPTIONS)."""
    return current_app.connection_for_write(
        transport_options={
            "socket_timeout": PATIENCE_SECONDS,
            "socket_connect_timeout": PATIENCE_SECONDS,
            "retry_on_timeout": False,
            "max_retries": 0,  # else connecting for the first time is tried for six seconds
        }
    )


def poke(task_name: str) -> None:
    """After the commit, "go and look": best effort, once a transaction. A rolled back one sends nothing."""
    Message(task_name).leave_after_commit()


class AfterCommitTask(Task):  # type: ignore[type-arg]
    """The task class of the Celery app: `delay` and `apply_async` leave after the commit and return None."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        put_away_dropped_connections()
        try:
            return super().__call__(*args, **kwargs)
        finally:
            put_away_dropped_connections()

    def apply_async(  # type: ignore[override]
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Options of Celery's own, except `producer`: beat brings one that would wait for ever."""
        options.pop("producer", None)
        message = Message(str(self.name), tuple(args or ()), dict(kwargs or {}), options)
        message.leave_after_commit()


def put_away_dropped_connections() -> None:
    """Before and after each task, else a worker never recovers from a database that was away."""
    if not connection.in_atomic_block:  # somebody calls the task in a transaction of theirs
        close_old_connections()
