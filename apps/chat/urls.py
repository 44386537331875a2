"""Mounted under `/api/v1/`."""

from django.urls import path

from apps.chat import api, attachments_api, drafts_api, exceptions_api, export_api, search_api, sharing_api

urlpatterns = [
    path("conversations/", api.ConversationListView.as_view(), name="conversations"),
    path("conversations/search/", search_api.SearchView.as_view(), name="conversations-search"),
    path("conversations/export/", export_api.ExportAllView.as_view(), name="conversations-export"),
    path("conversations/<uuid:conversation>/export/", export_api.ExportView.as_view(), name="conversation-export"),
    path("conversations/shared/", sharing_api.SharedListView.as_view(), name="conversations-shared"),
    path("conversations/<uuid:conversation>/shares/", sharing_api.ShareListView.as_view(), name="shares"),
    path("conversations/<uuid:conversation>/shares/<uuid:share>/", sharing_api.ShareView.as_view(), name="share"),
    path("conversations/<uuid:conversation>/readers/", sharing_api.ReadersView.as_view(), name="conversation-readers"),
    path("drafts/", drafts_api.DraftsView.as_view(), name="drafts"),
    path("conversations/<uuid:conversation>/", api.ConversationView.as_view(), name="conversation"),
    path(
        "conversations/<uuid:conversation>/restore/", api.ConversationRestoreView.as_view(), name="conversation-restore"
    ),
    path("conversations/<uuid:conversation>/messages/", api.MessageListView.as_view(), name="conversation-messages"),
    path("attachments/", attachments_api.AttachmentListView.as_view(), name="attachments"),
    path("attachments/<uuid:attachment>/", attachments_api.AttachmentDetailView.as_view(), name="attachment"),
    path(
        "attachments/<uuid:attachment>/content/",
        attachments_api.AttachmentContentView.as_view(),
        name="attachment-content",
    ),
    path("messages/<uuid:message>/exception/", exceptions_api.AskView.as_view(), name="message-exception"),
    path("exceptions/", exceptions_api.ListView.as_view(), name="exceptions"),
    path("exceptions/<uuid:exception>/question/", exceptions_api.QuestionView.as_view(), name="exception-question"),
    path("exceptions/<uuid:exception>/grant/", exceptions_api.GrantView.as_view(), name="exception-grant"),
    path("exceptions/<uuid:exception>/refuse/", exceptions_api.RefuseView.as_view(), name="exception-refuse"),
    path("exceptions/<uuid:exception>/end/", exceptions_api.EndView.as_view(), name="exception-end"),
    path("messages/<uuid:message>/feedback/", api.FeedbackView.as_view(), name="message-feedback"),
]
