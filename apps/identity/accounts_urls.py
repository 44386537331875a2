"""The pages below `/accounts/`."""

from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from apps.identity import views

urlpatterns = [
    path("", views.ChooseCompany.as_view(), name="choose_company"),
    path("logout/", views.sign_out, name="sign_out"),
    path("language/", require_POST(set_language), name="set_language"),
    path("<slug:company>/", views.to_sign_in, name="company"),
    path("<slug:company>/login/", views.SignIn.as_view(), name="sign_in"),
]
