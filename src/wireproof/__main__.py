"""`python -m wireproof`, the same as the installed command."""

import sys

from wireproof.cli import main

sys.exit(main())
