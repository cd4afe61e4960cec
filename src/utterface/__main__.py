"""`python -m utterface`, for where scripts are not on the path."""

import sys

from utterface.cli import main

sys.exit(main())
