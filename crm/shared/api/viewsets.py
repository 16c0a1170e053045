"""The base of every view of the API: the same queryset, the same policies and the same action as the page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import generics, views, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse

from crm.shared.api.etags import etag, version_read
from crm.shared.api.filters import check_params
from crm.shared.api.idempotency import once
from crm.shared.api.pagination import PAGE_PARAMS
from crm.shared.api.problems import LengthMissing
from crm.shared.api.verbs import contract_of
from crm.shared.models import ApiToken, User
from crm.shared.models.token import TokenScope

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

M = TypeVar("M", bound=Model)
Params = Mapping[str, tuple[dict[str, Any], str]]  # name: its schema, and what it does


class ApiView(views.APIView):
    """The order of a request: who, may they, how often, is it a repetition, then the view. One place for its manners."""

    scope: ClassVar[TokenScope] = TokenScope.WRITE  # what a token needs for unsafe methods
    params: ClassVar[Mapping[str, Params]] = {}  # query parameters by action, for all but lists
    http_method_names = ("get", "post", "patch", "delete", "head")
    metadata_class = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As DRF's, with the handler run at most once for each Idempotency-Key."""
        self.args, self.kwargs = args, kwargs
        self.request = asked = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(asked, *args, **kwargs)
            allowed = (asked.method or "").lower() in self.http_method_names
            handler = (
                getattr(self, asked.method.lower(), None) if allowed and asked.method else None
            )
            run = handler or self.http_method_not_allowed
            response: Any = once(asked, lambda: run(asked, *args, **kwargs))
        except Exception as exc:
            response = self.handle_exception(exc)
        self.response = self.finalize_response(asked, response, *args, **kwargs)
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
            raise LengthMissing(_("Say how long the body is, in Content-Length."))
        if not self.is_list:
            known: Params | frozenset[str] = self.params.get(
                getattr(self, "action", None) or "", {}
            )
            if contract_of(self, request.method or "GET").many:
                known = PAGE_PARAMS
            if wrong := check_params(request.query_params, known=known):
                raise ValidationError(wrong)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """As DRF's, with what is left of the limit."""
        found = super().finalize_response(request, response, *args, **kwargs)
        if allowance := getattr(request, "rate_allowance", None):
            for name, value in allowance.headers.items():
                found[name] = value
        return found

    @property
    def is_list(self) -> bool:
        """Lists check their parameters themselves, in the filter backend."""
        return getattr(self, "action", None) == "list"

    @property
    def user(self) -> User:
        """The person who asks, or for whom the program asks."""
        return cast("User", self.request.user)  # MayUseApi has let nobody else in

    @property
    def token(self) -> ApiToken | None:
        return self.request.auth if isinstance(self.request.auth, ApiToken) else None

    def require(self, allowed: bool) -> None:  # noqa: FBT001  (reads as a sentence)
        """403 unless the policy allows it."""
        if not allowed:
            raise PermissionDenied(_("Your role does not allow this."))

    def body(
        self, serializer: type[BaseSerializer[Any]], *, partial: bool = False
    ) -> dict[str, Any]:
        """The validated body. Raises ValidationError (400 with pointers)."""
        found = serializer(
            data=self.request.data, partial=partial, context={"request": self.request, "view": self}
        )
        found.is_valid(raise_exception=True)
        data: dict[str, Any] = found.validated_data
        return data

    def version(self) -> int:
        """The version that If-Match names, for the action. Raises VersionMissing (428), StaleVersion (412)."""
        return version_read(self.request)


class ScopedViewSet(ApiView, viewsets.ViewSetMixin, generics.GenericAPIView[M]):
    """List and retrieve what `visible_to` the asking person; what is unseen is 404. Verbs are added by each resource.

    Set `queryset`, `serializer_class` and `filterset_class`. Writing verbs follow one order:
    `get_object` (404), `require` a policy (403), `version` (428), `body` (400), one action (409, 412), `answer`.
    """

    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        return queryset.visible_to(self.user)

    def get_object(self) -> M:
        """By its id among what is visible. Lists' filters have no say here."""
        found: M = generics.get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return found

    def page_of(self, rows: Any, *, shown: type[BaseSerializer[Any]]) -> Response:
        """A page of rows of another kind that hang on this one."""
        page = self.paginate_queryset(rows)
        context = self.get_serializer_context()
        return self.get_paginated_response(shown(page, many=True, context=context).data)

    def answer(self, thing: Any, *, status: int = HTTPStatus.OK) -> Response:
        """`thing` as its resource, with its version as ETag."""
        headers = {"ETag": etag(thing)} if hasattr(thing, "version") else {}
        return Response(self.get_serializer(thing).data, status=status, headers=headers)

    def created(self, thing: Any) -> Response:
        """201 with where it is now."""
        response = self.answer(thing, status=HTTPStatus.CREATED)
        response["Location"] = reverse(
            f"{self.basename}-detail", args=[thing.pk], request=self.request
        )
        return response


class ReadMixin:
    """List and retrieve, for resources that have both."""

    def list(self: Any, request: Request) -> Response:
        """List, filter and search."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        found: Response = self.get_paginated_response(self.get_serializer(page, many=True).data)
        return found

    def retrieve(self: Any, request: Request, pk: str) -> Response:
        """Read one."""
        found: Response = self.answer(self.get_object())
        return found


class ReadViewSet(ReadMixin, ScopedViewSet[M]):
    """List and retrieve only."""
