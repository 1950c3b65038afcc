"""Published data sets, read where they lie: rows that say of each text what it shows, in the gateway's risks.

Nothing is copied: a folder is given, rows come out. A text that cannot be read is left out, a file that is missing is
an error that names it. A reader is named for the set that it reads, and stands with others of its kind.
"""
