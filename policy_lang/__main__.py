"""`python -m policy_lang`: the command line."""

from policy_lang.cli import main

raise SystemExit(main())
