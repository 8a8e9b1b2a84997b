"""A measure as a model of Django, its steps as transitions of django-fsm-2; imported once Django is set up."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models
from django_fsm import FSMField, transition
from django_fsm_log.decorators import fsm_log_by

from bench.peers.life import INITIAL


class Measure(models.Model):  # noqa: DJ008  # nobody is shown one
    """A record that is driven through its states."""

    state = FSMField(default=INITIAL, protected=True)

    class Meta:
        """It belongs to no installed app."""

        app_label = "race"

    @fsm_log_by
    @transition(field=state, source="proposed", target="recommended")
    def recommend(self, by: User) -> None:
        """The step."""

    @fsm_log_by
    @transition(field=state, source="recommended", target="anchored")
    def anchor(self, by: User) -> None:
        """The step."""

    @fsm_log_by
    @transition(field=state, source="anchored", target="started")
    def start(self, by: User) -> None:
        """The step."""

    @fsm_log_by
    @transition(field=state, source="started", target="started")
    def report(self, by: User) -> None:
        """The step."""

    @fsm_log_by
    @transition(field=state, source="started", target="implemented")
    def implement(self, by: User) -> None:
        """The step."""

    @fsm_log_by
    @transition(field=state, source="implemented", target="started")
    def send_back(self, by: User) -> None:
        """The step."""


def make(records: int, actor: str) -> User:
    """Make the tables and the records; who will take the steps."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Measure)
    Measure.objects.bulk_create(Measure() for _ in range(records))
    return User.objects.create_user(actor)
