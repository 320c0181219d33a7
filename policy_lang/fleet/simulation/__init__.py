"""What-if in time: `policy simulate`.

`timetable` says when each device checks in, `observing` counts what the ledger answers, `openings` says when a device that gets
nothing could get something, `outcome` is what a simulation came to, `run` is the simulation itself. `devices` reads the fleet.
`series` makes lines of adoption, `page` a page with charts.
"""
