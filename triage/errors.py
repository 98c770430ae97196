"""Errors of the triage package.

TriageError
├── ArtefactError        the model artefact is missing, corrupt or does not fit; stops the start
├── ContentError         a lexicon, policy or text file is missing or breaks its schema; stops the start
└── ClassifierError      the classifier failed on a message; the pipeline falls back to rules only
    └── ClassifierTimeout    it gave no answer within its time limit
"""


class TriageError(Exception):
    """Something in triage failed."""


class ArtefactError(TriageError):
    """The model artefact is missing, corrupt, or was made for another label scheme."""


class ContentError(TriageError):
    """A lexicon, policy, reply or resource file is missing or breaks its schema."""


class ClassifierError(TriageError):
    """The classifier could not answer for a message."""


class ClassifierTimeout(ClassifierError):
    """The classifier gave no answer within its time limit."""
