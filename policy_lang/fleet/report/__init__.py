"""What a policy or a catalog does to a fleet, as plain frozen data: `preview`, `assignment`, `comparison`.

`model` and `decisions` have the results, the other modules make them of tallies (`policy_lang.fleet.survey`), `gates` judges them,
`page` writes them as one HTML file with the pictures of `charts`.
"""
