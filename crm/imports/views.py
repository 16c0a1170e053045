"""Bringing data in: upload, look at the match, try, run, watch, fetch what did not come in."""

import csv
import re
from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.imports import policies, running
from crm.imports.forms import MappingForm, UploadForm
from crm.imports.models import Import
from crm.imports.states import ImportState
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from crm.shared.views.mixins import refuse, signed_in, visible_or_404

SHOWN = 50
INVALID = 422
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-][\d.,]+")  # a negative amount stays one


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the file to bring in next."""
    user = _importer(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        stored_as, _size = running.store(file, name=file.name)
        try:
            job = running.prepare(
                kind=form.cleaned_data["kind"], stored_as=stored_as, name=file.name, by=user
            )
        except ActionRefused as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("imports:import", job.pk)
    context = {"form": form, "jobs": Import.objects.visible_to(user).select_related("by")[:SHOWN]}
    return render(request, "imports/imports.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: as a draft its columns, then its progress, then what came of it."""
    job = visible_or_404(Import.objects.visible_to(_importer(request)).select_related("by"), pk)
    form = MappingForm(request.POST or None, job=job)
    if request.method == "POST" and form.is_valid():
        try:
            running.start(job, dry_run="dry_run" in request.POST, mapping=form.mapping)
        except ActionRefused as refusal:
            refuse(form, refusal)
        else:
            return redirect("imports:import", job.pk)
    template = (
        "imports/_progress.html"
        if getattr(request, "htmx", False) and not form.is_bound
        else "imports/import.html"
    )
    context = {
        "job": job,
        "form": form,
        "is_draft": job.state == ImportState.DRAFT,
        "percent": round(job.progress * 100),
        "rejected": job.rejected.all()[:SHOWN],
    }
    return render(request, template, context, status=_status(form))


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file once more, for real: after a dry run, or after it stopped."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user), pk)
    try:
        twin = running.again(job, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("imports:import", job.pk)
    return redirect("imports:import", twin.pk)


@require_GET
def rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What did not come in, as a file: the row as it was, then its line, column and why; to be mended and brought in."""
    job = visible_or_404(Import.objects.visible_to(_importer(request)), pk)
    answer = StreamingHttpResponse(_rejected_lines(job), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{job.pk}.csv"'
    return answer


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _rejected_lines(job: Import) -> Iterator[str]:
    writer = csv.writer(_Echo())
    columns = [match["column"] for match in job.mapping]
    yield "\ufeff"
    yield writer.writerow([*columns, "rejected line", "rejected column", "rejected why"])
    for row in job.rejected.iterator():
        cells = [*row.cells, *[""] * (len(columns) - len(row.cells))]
        yield writer.writerow([_inert(cell) for cell in (*cells, row.line, row.column, row.why)])


def _inert(cell: object) -> str:
    """No spreadsheet takes it for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text) else text


def _importer(request: HttpRequest) -> User:
    user = signed_in(request)
    if not policies.may_import(user):
        raise PermissionDenied
    return user


def _status(form: UploadForm | MappingForm) -> int:
    return INVALID if form.is_bound and form.errors else 200
