"""The rules of the linter, one file each; `policy_lang.analysis.registry` lists them in order."""
