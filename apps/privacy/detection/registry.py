"""Presidio's registry with a table: its own asks every recogniser about every type at each call."""

from collections.abc import Sequence

from presidio_analyzer import EntityRecognizer, RecognizerRegistry


class Registry(RecognizerRegistry):
    """The recognisers of the process, found by entity type, in the order in which they were given."""

    def __init__(self, recognizers: Sequence[EntityRecognizer], language: str) -> None:
        super().__init__(recognizers=recognizers, supported_languages=[language])
        self._of: dict[str, list[EntityRecognizer]] = {}
        for recognizer in recognizers:
            for type_ in recognizer.supported_entities:
                self._of.setdefault(type_, []).append(recognizer)

    def get_recognizers(
        self,
        language: str,
        entities: list[str] | None = None,
        all_fields: bool = False,
        ad_hoc_recognizers: list[EntityRecognizer] | None = None,
    ) -> list[EntityRecognizer]:
        """Those that can find one of the types. Anything but a plain list of known types is Presidio's own affair."""
        if not entities or ad_hoc_recognizers:
            return super().get_recognizers(language, entities, all_fields, ad_hoc_recognizers)
        return list(dict.fromkeys(recognizer for type_ in entities for recognizer in self._of[type_]))
