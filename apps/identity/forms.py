"""The two forms of signing in."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from apps.domain.ids import INSTALLATION
from apps.tenants import selectors as tenants
from apps.tenants.services import MAX_PASSWORD, SLUG


class CompanyForm(forms.Form):
    """Which company? Any well-formed name is accepted, so that nobody learns which companies exist."""

    company = forms.CharField(
        label=_("Company"),
        max_length=63,
        validators=[RegexValidator(rf"\A{SLUG.pattern}\Z", _("A short name has letters, digits and hyphens."))],
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = {**data.dict(), "company": data.get("company", "").strip().lower()}
        super().__init__(data, **kwargs)


class SignInForm(LoginForm):  # type: ignore[misc]
    """Allauth's form inside one company; `login` is the e-mail."""

    def __init__(self, *args: Any, company: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["password"].validators.append(MaxLengthValidator(MAX_PASSWORD))

    def user_credentials(self) -> dict[str, Any]:
        """What the backend gets; a company that does not exist becomes tenant 0, which has nobody."""
        found = tenants.tenant_by_slug(self.company)
        return {
            "email": self.cleaned_data["login"],
            "password": self.cleaned_data["password"],
            "tenant": found.id if found else INSTALLATION,
            "company": self.company,
        }
