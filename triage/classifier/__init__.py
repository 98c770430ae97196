"""Learned scores for texts, behind one small protocol (``base.Classifier``)."""
