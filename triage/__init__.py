"""What the service decides: values in, values out.

No web, no database, no torch, no clock and no randomness lives here, so that every decision can be
replayed from its inputs. Start reading at ``triage.pipeline``.
"""
