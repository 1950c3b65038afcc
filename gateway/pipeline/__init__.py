"""The path of an exchange: screen, relay, guard, declare, record."""
