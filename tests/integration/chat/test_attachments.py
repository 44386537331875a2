"""REST of attachments: what is kept of an upload, whose it is, and how it is served."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from apps.audit.models import AuditEvent
from apps.chat.attachments import limits, services, tasks
from apps.chat.attachments.formats import DOCX
from apps.chat.erasure import ERASER
from apps.chat.models import Attachment, Share
from apps.core import clock
from apps.domain.ids import TenantId, UserId
from apps.tenants.models import User
from tests.integration.chat.conftest import key_of, person
from tests.support import files
from tests.support.factories.chat import AttachmentFactory, ConversationFactory, QuestionFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/attachments/"


@pytest.fixture
def api(erin: User) -> Browser:
    return client_of(erin)


def client_of(user: User, *scopes: str) -> Browser:
    return Browser(headers={"Authorization": f"Bearer {key_of(user, *(scopes or ('chat',)))}"})


def upload(api: Browser, data: bytes = b"The plan.", name: str = "plan.txt", claims: str = "text/plain") -> Any:
    return api.post(PATH, {"file": SimpleUploadedFile(name, data, content_type=claims)})


class TestUploading:
    @pytest.mark.parametrize(
        ("data", "name", "expected"),
        [
            (b"The plan.", "plan.txt", ("plan.txt", "text", "text/plain", 9)),
            (b"a;b\n", "a.csv", ("a.csv", "text", "text/csv", 3)),
            (files.docx("Hello"), "a.docx", ("a.docx", "text", DOCX.media_type, 5)),
            (files.pdf("Hello"), "a.pdf", ("a.pdf", "text", "application/pdf", 5)),
            (files.png(), "a.png", ("a.png", "image", "image/png", 0)),
        ],
        ids=["text", "csv", "docx", "pdf", "png"],
    )  # fmt: skip
    def test_says_what_was_found_whatever_the_client_claims(
        self, api: Browser, erin: User, data: bytes, name: str, expected: tuple[str, str, str, int]
    ) -> None:
        answer = upload(api, data, name, claims="text/html")

        assert answer.status_code == 201, answer.content
        found = answer.json()
        assert (found["name"], found["kind"], found["media_type"], found["characters"]) == expected
        assert (found["size_bytes"], found["shortened"]) == (len(data), False)
        row = Attachment.objects.for_tenant(erin.tenant_id).get(pk=found["id"])
        assert (row.owner_id, row.message_id) == (erin.pk, None)

    def test_is_on_record_without_name_and_content(self, api: Browser, erin: User) -> None:
        found = upload(api, b"Top secret.", "salaries.txt").json()

        entry = AuditEvent.objects.for_tenant(erin.tenant_id).get(kind="attachment.added")
        assert (entry.subject, entry.body) == (found["id"], '{"kind":"text","size":11}')

    @pytest.mark.parametrize(
        ("data", "name", "reason"),
        [
            (b"a\x00b", "a.txt", "not_text"),
            (b"MZ", "a.exe", "unknown"),
            (files.pdf(""), "scan.pdf", "no_text"),
            (files.packed({"word/document.xml": files.LOL}), "lol.docx", "damaged"),
            (b"", "empty.txt", "empty"),
        ],
        ids=["nul", "program", "scan", "billion laughs", "empty"],
    )
    def test_of_what_cannot_be_read_is_refused_with_a_reason(
        self, api: Browser, erin: User, data: bytes, name: str, reason: str
    ) -> None:
        answer = upload(api, data, name)

        assert answer.status_code == 415
        body = answer.json()
        assert (body["code"], body["fields"]) == ("unsupported_attachment", {"file": reason})
        assert body["said"]["code"] == f"file_{reason}"
        assert not Attachment.objects.for_tenant(erin.tenant_id).exists()

    def test_of_too_much_is_refused(self, api: Browser) -> None:
        answer = upload(api, b"x" * (limits.MAX_FILE_BYTES + 1), "big.txt")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "file"),
            ({"file": "text"}, "file"),
            ({"other": SimpleUploadedFile("a.txt", b"a")}, "other"),
            ({"file": SimpleUploadedFile("a.txt", b"a"), "owner": "1"}, "owner"),
            ({"file": [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]}, "file"),
        ],
        ids=["nothing", "words", "another field", "a server's field", "two"],
    )
    def test_without_exactly_one_file_names_the_field(self, api: Browser, body: dict[str, Any], field: str) -> None:
        answer = api.post(PATH, body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary="])
    def test_in_another_form_says_which_is_wanted(self, api: Browser, content_type: str) -> None:
        answer = api.generic("POST", PATH, b"{}", content_type=content_type)
        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid_request"

    def test_keeps_a_safe_name(self, api: Browser) -> None:
        assert upload(api, name="..\\..\\a\u202eb.txt").json()["name"] == "ab.txt"

    def test_is_bounded_by_what_waits(self, api: Browser, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_UNSENT", 1)
        kept = upload(api).json()
        refused = upload(api)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_attachments")

        assert api.delete(f"{PATH}{kept['id']}/").status_code == 204
        assert upload(api).status_code == 201

    def test_needs_the_scope_of_asking(self, erin: User) -> None:
        assert upload(client_of(erin, "models")).status_code == 403


class TestReading:
    def test_of_ones_own_gives_the_text_inertly(self, api: Browser) -> None:
        found = upload(api, b"<script>alert(1)</script>", "x.html").json()
        assert api.get(f"{PATH}{found['id']}/").json() == found

        answer = api.get(f"{PATH}{found['id']}/content/")
        assert answer.content == b"<script>alert(1)</script>"
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''x.html.txt"
        assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
            "nosniff", "default-src 'none'; sandbox",
        )  # fmt: skip
        assert "no-store" in answer["Cache-Control"]

    def test_of_a_picture_gives_its_bytes(self, api: Browser) -> None:
        found = upload(api, files.png(), "a.png").json()
        answer = api.get(f"{PATH}{found['id']}/content/")

        assert (answer.content, answer["Content-Type"]) == (files.png(), "image/png")
        assert answer["Content-Disposition"].startswith("inline;")
        assert "sandbox" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("rest", ["", "content/"])
    def test_of_somebody_elses_answers_like_a_missing_one(self, api: Browser, erin: User, rest: str) -> None:
        colleague = AttachmentFactory(owner=person(tenant=erin.tenant))
        foreign = AttachmentFactory(owner=person())
        answers = {
            (answer.status_code, answer.content)
            for answer in (api.get(f"{PATH}{pk}/{rest}") for pk in (colleague.pk, foreign.pk, uuid4()))
        }

        assert len(answers) == 1
        assert next(iter(answers))[0] == 404

    def test_of_a_deleted_conversation_is_over(self, api: Browser, erin: User) -> None:
        question = QuestionFactory(conversation=ConversationFactory(owner=erin))
        file = AttachmentFactory(owner=erin, message=question)
        assert api.get(f"{PATH}{file.pk}/content/").status_code == 200

        question.conversation.deleted_at = clock.now()
        question.conversation.save()
        assert api.get(f"{PATH}{file.pk}/content/").status_code == 404

    def test_of_a_shared_conversation_is_for_its_guests_as_long_as_it_is_shared(self, erin: User) -> None:
        kim = person(tenant=erin.tenant)
        question = QuestionFactory(conversation=ConversationFactory(owner=erin))
        sent, unsent = AttachmentFactory(owner=erin, message=question), AttachmentFactory(owner=erin)
        share = Share.objects.create(
            tenant=erin.tenant, conversation=question.conversation, user=kim, created_at=clock.now()
        )
        guest = client_of(kim)

        assert guest.get(f"{PATH}{sent.pk}/content/").content == b"The plan."
        assert guest.get(f"{PATH}{unsent.pk}/content/").status_code == 404
        assert guest.delete(f"{PATH}{sent.pk}/").status_code == 404
        Share.objects.for_tenant(erin.tenant_id).filter(pk=share.pk).delete()
        assert guest.get(f"{PATH}{sent.pk}/content/").status_code == 404

    def test_messages_show_their_files(self, erin: User) -> None:
        question = QuestionFactory(conversation=ConversationFactory(owner=erin))
        file = AttachmentFactory(owner=erin, message=question)
        api = client_of(erin, "conversations")

        (message,) = api.get(f"/api/v1/conversations/{question.conversation_id}/messages/").json()["results"]
        assert message["attachments"] == [
            {
                "id": str(file.pk), "name": "plan.txt", "kind": "text", "media_type": "text/plain", "size_bytes": 9,
                "characters": 9, "shortened": False,
            }
        ]  # fmt: skip


class TestRemoving:
    def test_takes_an_unsent_file_away_and_is_on_record(self, api: Browser, erin: User) -> None:
        found = upload(api).json()

        assert api.delete(f"{PATH}{found['id']}/").status_code == 204
        assert api.get(f"{PATH}{found['id']}/").status_code == 404
        assert AuditEvent.objects.for_tenant(erin.tenant_id).get(kind="attachment.removed").subject == found["id"]

    def test_leaves_what_was_sent_and_what_is_not_ones_own(self, api: Browser, erin: User) -> None:
        sent = AttachmentFactory(owner=erin, message=QuestionFactory(conversation=ConversationFactory(owner=erin)))
        other = AttachmentFactory(owner=person(tenant=erin.tenant))

        assert [api.delete(f"{PATH}{file.pk}/").status_code for file in (sent, other)] == [404, 404]
        assert Attachment.objects.for_tenant(erin.tenant_id).count() == 2

    def test_happens_by_itself_after_a_day(self, erin: User) -> None:
        now = clock.now()
        question = QuestionFactory(conversation=ConversationFactory(owner=erin))
        old = now - timedelta(days=1, minutes=1)
        AttachmentFactory(owner=erin, created_at=old)
        sent = AttachmentFactory(owner=erin, created_at=old, message=question)
        new = AttachmentFactory(owner=erin, created_at=now)

        assert (tasks.remove_unsent(), tasks.remove_unsent()) == (1, 0)
        assert set(Attachment.objects.for_tenant(erin.tenant_id).values_list("pk", flat=True)) == {sent.pk, new.pk}

    def test_goes_on_over_more_than_one_batch(self, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "BATCH", 2)
        for _ in range(5):
            AttachmentFactory(owner=erin)

        assert services.remove_unsent(before=clock.now()) == 5

    def test_of_a_person_takes_everything(self, erin: User) -> None:
        AttachmentFactory(owner=erin)
        AttachmentFactory(owner=erin, message=QuestionFactory(conversation=ConversationFactory(owner=erin)))
        kept = AttachmentFactory(owner=person(tenant=erin.tenant))

        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))
        assert list(Attachment.objects.for_tenant(erin.tenant_id)) == [kept]
