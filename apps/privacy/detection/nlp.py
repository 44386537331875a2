"""The language part of Presidio without a download: a blank spaCy pipeline, or a model that is already installed."""

import spacy
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc

from apps.privacy.detection.artifacts import LANGUAGE

ENTITIES = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
}
"""spaCy's labels and the entity types that policies name."""


class ModelNotInstalled(Exception):
    """The configured spaCy model is not on this machine; nothing is ever downloaded."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"The spaCy model {model!r} is configured for the privacy detector but is not installed. "
            f"Install it as a package (it is never downloaded at run time), or leave the setting empty to use "
            f"patterns only."
        )


@Language.component("lower_case_lemma")
def lower_case_lemma(doc: Doc) -> Doc:
    """A blank pipeline has no lemmas, and without lemmas context words never raise a score."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


class NlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine round a pipeline that is built here.

    Args:
        model: name of an installed spaCy package, or empty for the blank pipeline.

    Raises:
        ModelNotInstalled: the package is missing.
    """

    def __init__(self, model: str = "") -> None:
        names = NerModelConfiguration(model_to_presidio_entity_mapping=ENTITIES, low_score_entity_names=[])
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": model or "blank"}], ner_model_configuration=names
        )
        self.pipeline = _installed(model) if model else _blank()
        self.nlp = {LANGUAGE: self.pipeline}  # type: ignore[assignment]  # Presidio declares None

    def load(self) -> None:
        """The pipeline exists since the constructor: Presidio's own `load` would download one."""


def _blank() -> Language:
    pipeline = spacy.blank(LANGUAGE)
    pipeline.add_pipe("lower_case_lemma")
    return pipeline


def _installed(model: str) -> Language:
    if not spacy.util.is_package(model):
        raise ModelNotInstalled(model)
    return spacy.load(model, exclude=["parser", "attribute_ruler"])
