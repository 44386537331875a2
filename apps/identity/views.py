"""The pages under `/accounts/`: which company, sign-in, sign-out."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView

from apps.identity import proof
from apps.identity.adapter import Locked
from apps.identity.forms import CompanyForm, SignInForm
from apps.tenants import selectors as tenants
from apps.tenants.services import SLUG

PAGE_METHODS = ["get", "head", "post", "options"]  # Django's form views answer PUT like POST


@method_decorator([never_cache, csrf_protect], name="dispatch")
class ChooseCompany(FormView):  # type: ignore[type-arg]
    """The first page asks for the company only; the answer is the same for any name."""

    template_name = "accounts/company.html"
    form_class = CompanyForm
    http_method_names = PAGE_METHODS

    def form_valid(self, form: CompanyForm) -> HttpResponse:
        return redirect("sign_in", company=form.cleaned_data["company"])


@method_decorator([never_cache, csrf_protect, sensitive_post_parameters("password")], name="dispatch")
class SignIn(FormView):  # type: ignore[type-arg]
    """E-mail and password inside one company.

    Whatever is wrong gives the same page with the same sentence; only a lock says more, and says it to everybody.
    """

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    http_method_names = PAGE_METHODS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.company = str(kwargs["company"]).lower()
        if not SLUG.fullmatch(self.company):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        principal = proof.of(request).principal
        if principal is not None and tenants.tenant(principal.tenant).slug == self.company:
            return redirect(get_next_redirect_url(request) or get_adapter().get_login_redirect_url(request))
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request, "company": self.company}

    def form_valid(self, form: SignInForm) -> HttpResponse:
        answer: HttpResponse = form.login(self.request, redirect_url=get_next_redirect_url(self.request))
        return answer

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        lock = next((error for error in form.non_field_errors().as_data() if isinstance(error, Locked)), None)
        if lock is None:
            problem = _("E-mail or password is wrong.")
            return self.render_to_response(self.get_context_data(form=form, problem=problem))
        problem = next(iter(lock.messages))
        response = self.render_to_response(self.get_context_data(form=form, problem=problem), status=429)
        response.headers["Retry-After"] = str(lock.seconds)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        target = get_next_redirect_url(self.request) or ""
        return super().get_context_data(company=self.company, next=target, **kwargs)


@require_safe
def to_sign_in(request: HttpRequest, company: str) -> HttpResponse:
    """Where sign-in starts: with the password today, with the company's own provider when it has one."""
    return redirect("sign_in", company=company.lower())


@require_POST
@never_cache
@csrf_protect
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session and go back to the company's page."""
    principal = proof.of(request).principal
    company = tenants.tenant(principal.tenant).slug if principal else None
    get_adapter().logout(request)
    return redirect("sign_in", company=company) if company else redirect("choose_company")
