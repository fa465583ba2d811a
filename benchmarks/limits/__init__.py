"""What the machine itself needs: bare processes and bare transactions. They promise nothing."""
