"""How good is it? Predictions for files, measured against labels, baselines and the clock.

May import ``triage`` only: a model comes as an artefact on disk, never as code.
"""
