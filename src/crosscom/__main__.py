"""`python -m crosscom`."""

import sys

from crosscom.cli import main

sys.exit(main())
