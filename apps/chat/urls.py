"""Mounted under `/api/v1/`."""

from django.urls import path

from apps.chat import api

urlpatterns = [
    path("conversations/", api.ConversationListView.as_view(), name="conversations"),
    path("conversations/<uuid:conversation>/", api.ConversationView.as_view(), name="conversation"),
    path(
        "conversations/<uuid:conversation>/restore/", api.ConversationRestoreView.as_view(), name="conversation-restore"
    ),
    path("conversations/<uuid:conversation>/messages/", api.MessageListView.as_view(), name="conversation-messages"),
    path("messages/<uuid:message>/feedback/", api.FeedbackView.as_view(), name="message-feedback"),
]
