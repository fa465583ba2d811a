"""The places: stores keep payloads by address and never open them.

Holds the ports (`base`), one module per product, and the numbered schema (`sql/`).
Knows nothing of serializers, DAG files or the rules of push and pull.
"""
