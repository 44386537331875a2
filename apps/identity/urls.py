"""The routes below `/api/v1/`."""

from django.urls import path

from apps.identity.api import keys, me, people, sessions, teams

urlpatterns = [
    path("me/", me.MeView.as_view(), name="me"),
    path("me/password/", me.PasswordView.as_view(), name="my_password"),
    path("sessions/", sessions.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session>/", sessions.SessionView.as_view(), name="session"),
    path("keys/", keys.KeysView.as_view(), name="keys"),
    path("keys/<int:key>/", keys.KeyView.as_view(), name="key"),
    path("keys/<int:key>/rotate/", keys.KeyRotationView.as_view(), name="key_rotation"),
    path("people/", people.PeopleView.as_view(), name="people"),
    path("people/<int:user>/", people.PersonView.as_view(), name="person"),
    path("teams/", teams.TeamsView.as_view(), name="teams"),
    path("teams/<int:team>/", teams.TeamView.as_view(), name="team"),
]
