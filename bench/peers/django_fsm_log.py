"""django-fsm-2 and django-fsm-log: the record is loaded, its step called and saved in an atomic block.

fsm-log writes its audit record by itself, on the signal that a transition was made; `by` says who made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import django
from django.conf import settings

from bench.peers.lap import Done, sync_of
from bench.peers.life import ACTOR, LAST, LIFE, method_of
from bench.peers.mode import SYNCHRONOUS

if TYPE_CHECKING:
    from bench.peers.lap import Job

APPS = ("django.contrib.contenttypes", "django.contrib.auth", "django_fsm_log")


def race(job: Job) -> Done:
    """Set Django up on the database, and take the steps."""
    _set_up(job)
    from django.db import connection, transaction

    from bench.peers.django_measure import Measure, make

    actor = make(job.records, ACTOR)
    with job.watch:
        for number in range(1, job.records + 1):
            for step in LIFE:
                with transaction.atomic():
                    measure = Measure.objects.get(pk=number)
                    getattr(measure, method_of(step))(by=actor)
                    measure.save()
    done = _counted()
    connection.close()
    return done


def _set_up(job: Job) -> None:
    """Configure Django as its notes on SQLite say: IMMEDIATE transactions, and PRAGMAs when it connects."""
    pragmas = f"PRAGMA journal_mode={job.journal}; PRAGMA synchronous={SYNCHRONOUS};"
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(job.database),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas},
    }
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=APPS, USE_TZ=True)
    django.setup()


def _counted() -> Done:
    from django.db import connection
    from django_fsm_log.models import StateLog

    from bench.peers.django_measure import Measure

    def ask(sql: str) -> object:
        with connection.cursor() as cursor:
            return cursor.execute(sql).fetchone()[0]

    ended = Measure.objects.filter(state=LAST).count()
    return Done(ended * len(LIFE), StateLog.objects.filter(by__username=ACTOR).count(), sync_of(ask))
