"""What a person decides about rows that may be here already: asked once a run, kept, and honoured by the runs that follow."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from crm.imports.matching import Doubt, about
from crm.imports.models import Import, ImportedRow, Question
from crm.imports.states import Answer
from crm.shared.errors import ActionRefused

KEPT_CANDIDATES = 5
UNDECIDED = ""


def ask(job: Import, asked: Sequence[tuple[ImportedRow, Doubt]]) -> None:
    """Keep what is asked of a batch, each question once, and let its rows name them. Needs a transaction."""
    if not asked:
        return
    doubts = {doubt.key: doubt for _row, doubt in reversed(asked)}
    Question.objects.bulk_create(
        (
            Question(
                belongs_to=job,
                thing=doubt.thing,
                key=doubt.key,
                line=doubt.line,
                said=doubt.said,
                candidates=[
                    {"id": one.pk, "name": str(one), "about": about(one)}
                    for one in doubt.candidates[:KEPT_CANDIDATES]
                ],
            )
            for doubt in doubts.values()
        ),
        ignore_conflicts=True,  # a company is asked about once, however many batches name it
    )
    ids = dict(job.questions.filter(key__in=doubts).values_list("key", "pk"))
    for row, doubt in asked:
        row.question_id = ids[doubt.key]


@transaction.atomic
def decide(job: Import, answers: Mapping[int, str], *, rest: str | None = None) -> int:
    """By question the id of what it is the same as, “new”, or "" for undecided; `rest` as `decide_all`. Returns how many.

    Raises ActionRefused for what is none of the candidates, and for a question that is not this import’s or was taken up.
    """
    questions = open_questions(job).select_for_update().in_bulk(list(answers))
    for row_id, answer in answers.items():
        question = questions.get(row_id)
        if question is None:
            raise ActionRefused(_("This is decided already, or not asked here."))
        ids = {str(one["id"]): one["id"] for one in question.candidates}
        if answer in {Answer.NEW, UNDECIDED}:
            question.answer, question.same_as = answer, None
        elif answer in ids:
            question.answer, question.same_as = Answer.EXISTING, ids[answer]
        else:
            text = _("Choose one of the list.")
            raise ActionRefused(text, fields={"answers": text})
    Question.objects.bulk_update(questions.values(), ["answer", "same_as"], batch_size=500)
    return len(questions) + (decide_all(job, rest) if rest else 0)


@transaction.atomic
def decide_all(job: Import, answer: str) -> int:
    """All that nobody decided yet: “new”, or “existing” for those with just one candidate; returns how many that were."""
    left = open_questions(job).filter(answer=UNDECIDED)
    if answer == Answer.NEW:
        return left.update(answer=Answer.NEW)
    if answer != Answer.EXISTING:
        raise ActionRefused(_("Choose one of the list."))
    alone = left.filter(candidates__0__isnull=False, candidates__1__isnull=True)
    only = Cast(F("candidates__0__id"), BigIntegerField())
    return alone.update(answer=Answer.EXISTING, same_as=only)


def open_questions(job: Import) -> QuerySet[Question]:
    """Those that no later import has taken up."""
    return job.questions.filter(taken_up_by=None)


def decided(job: Import) -> QuerySet[Question]:
    """Those that could come in now."""
    return open_questions(job).exclude(answer=UNDECIDED)


def lines_to_take_up(job: Import, *, first: int, last: int) -> set[int]:
    """The lines between these that this import brings in for the one it follows."""
    rows = ImportedRow.objects.filter(question__taken_up_by=job, line__gte=first, line__lte=last)
    return set(rows.filter(belongs_to=job.follows_id).values_list("line", flat=True))
