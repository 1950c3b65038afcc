"""Step 2: what left without a visible label is noted, and its record cannot be deleted for six months.

Measures for Labelling AI-Generated Content, art. 9. The database itself refuses: whatever deletes old
records has to leave these out (``unlabelled IS NULL OR received < now - 184 days``).
"""

from __future__ import annotations

from sqlalchemy import Connection

_SQLITE = """
CREATE TRIGGER exchange_unlabelled_kept BEFORE DELETE ON exchange
WHEN OLD.unlabelled IS NOT NULL AND OLD.received > strftime('%Y-%m-%d %H:%M:%f', 'now', '-184 days')
BEGIN
    SELECT RAISE(ABORT, 'the record of an unlabelled copy is kept for six months');
END
"""
_POSTGRES = (
    """
CREATE FUNCTION exchange_unlabelled_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.unlabelled IS NOT NULL AND OLD.received > now() - interval '184 days' THEN
        RAISE EXCEPTION 'the record of an unlabelled copy is kept for six months' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$
""",
    """
CREATE TRIGGER exchange_unlabelled_kept BEFORE DELETE ON exchange
FOR EACH ROW EXECUTE FUNCTION exchange_unlabelled_kept()
""",
)


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    postgres = connection.dialect.name == "postgresql"
    connection.exec_driver_sql(f"ALTER TABLE exchange ADD COLUMN unlabelled {'JSONB' if postgres else 'JSON'}")
    for statement in _POSTGRES if postgres else (_SQLITE,):
        connection.exec_driver_sql(statement)
