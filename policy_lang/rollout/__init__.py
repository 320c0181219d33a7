"""How an update spreads over a fleet: the stable bucket, the plan of a rollout, and the ledger of grants."""
