"""`python -m adviz` is `adviz`."""

import sys

from adviz.cli import main

sys.exit(main())
