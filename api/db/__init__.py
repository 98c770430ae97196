"""Storage on SQLite or PostgreSQL: tables, sessions, migrations."""
