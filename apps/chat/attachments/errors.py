"""What may be wrong with a file, each as a sentence for people with a code that a page can translate."""

from typing import Final

from apps.chat.attachments import limits
from apps.domain.errors import OpenRouteError, TooLarge
from apps.domain.sentences import Sentence, say

READABLE: Final = "text, code, CSV, PDF, DOCX, XLSX, PNG, JPEG, WEBP and GIF"
MEGABYTES: Final = limits.MAX_FILE_BYTES // 1_000_000


class UnsupportedAttachment(OpenRouteError):
    """The file cannot be read as what it is or claims to be; nothing was stored."""

    code, status = "unsupported_attachment", 415

    def __init__(self, reason: str) -> None:
        """`reason` is a key of `REASONS`; an unknown one counts as damaged."""
        super().__init__(REASONS.get(reason, REASONS["damaged"]), fields={"file": reason})
        self.reason = reason


class TooManyUnsent(OpenRouteError):
    """The person has uploaded as many files as may wait for a question."""

    code, status = "too_many_attachments", 409

    def __init__(self) -> None:
        super().__init__(
            say(
                "too_many_unsent",
                "{limit} files are waiting for a question already. Send or remove some of them.",
                limit=limits.MAX_UNSENT,
            )
        )


def file_too_large() -> TooLarge:
    """The file is larger than `MAX_FILE_BYTES`."""
    sentence = say("file_too_large", "The file is larger than {limit} MB. Send a smaller one.", limit=MEGABYTES)
    return TooLarge(sentence, fields={"file": "too_large"})


def images_too_large() -> TooLarge:
    """The images of one question are larger than `MAX_MESSAGE_BYTES` together."""
    limit = limits.MAX_MESSAGE_BYTES // 1_000_000
    template = "The pictures of one question may have {limit} MB together. Leave some out."
    return TooLarge(say("images_too_large", template, limit=limit), fields={"attachments": "too_large"})


REASONS: Final[dict[str, Sentence]] = {
    "empty": say("file_empty", "The file is empty. Choose another one."),
    "unknown": say("file_unknown", "This kind of file cannot be read. Readable are {kinds}.", kinds=READABLE),
    "mismatch": say(
        "file_mismatch", "The file is not what its name says. Save it anew in the right format, or correct its name."
    ),
    "old_office": say(
        "file_old_office",
        "Office files of the old formats, and those with a password, cannot be read. Save it as DOCX, XLSX or PDF "
        "without a password.",
    ),
    "not_text": say("file_not_text", "The file looks like text but holds other data. Save it as UTF-8 text."),
    "encrypted": say("file_encrypted", "The file is protected by a password. Save it without one and try again."),
    "no_text": say(
        "file_no_text",
        "There is no text in this file; it may hold scanned pages only. Attach pages as pictures, or run text "
        "recognition over it first.",
    ),
    "damaged": say("file_damaged", "The file is damaged and cannot be read. Save it anew and try again."),
    "too_complex": say(
        "file_too_complex",
        "Reading this file takes more time or memory than is permitted. Attach a part of it, or its text.",
    ),
    "too_many_pixels": say(
        "file_too_many_pixels",
        "The picture has more than {limit} megapixels. Make it smaller and try again.",
        limit=limits.MAX_PIXELS // 1_000_000,
    ),
}
"""Reason -> what is said to people. The reason alone stands in `fields.file`."""
