"""Bodies of REST requests: what is read is exactly what is documented."""

from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """Refuses fields that are not writable, by name, instead of ignoring them (promise P04)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            strange = sorted(set(data) - {name for name, field in self.fields.items() if not field.read_only})
            if strange:
                raise serializers.ValidationError({name: ["This field cannot be written."] for name in strange})
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text that is kept as it was written; spaces alone are no text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):  # a number is not a name
            self.fail("invalid")
        text = super().to_internal_value(data)
        if not self.allow_blank and not text.strip():
            self.fail("blank")
        return text
