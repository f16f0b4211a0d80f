"""``python -m gridgain_cli``."""

from gridgain_cli.main import main

main()
