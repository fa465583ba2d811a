"""How fast crosscom is, beside the limit of this machine and beside its peers, in one run.

`python -m benchmarks` measures and prints one table. Nothing here is a test: figures of a shared
machine are no facts about the code, so no time is ever asserted. docs/how-to/measure.md says how
to run it, docs/reference/figures.md holds the last figures.
"""
