"""Scripted users (模拟来访者) that hold whole intake conversations with the pipeline."""
