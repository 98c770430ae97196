"""How the classifier is learned: data, training, calibration, export, model card, artefacts.

Retrain everything with ``python -m models.build``; see ``models/README.md``.
"""
