"""The peers: what runs in environments of their own, beside crosscom."""
