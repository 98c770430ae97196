"""From scores and phrases to an assessment, and from an assessment to a decision."""
