"""The set of situations that a policy admits: what can never be true, what can never be false, what follows from what.

A *situation* is a device, an update and a time. `solver.Solver` answers one question: can these conditions, each with one of the
results that are asked for, come about together? "Never" is a proof. "Possible" means that no proof was found, for what the
method does not look into (arithmetic, most regular expressions, a host's functions) counts as anything at all.

The method has five steps, one module or two for each.

1. `sharing` finds the parts of a policy whose properties occur nowhere else. They can have any result, whatever the others have, so
   they need no thought. Most policies consist of nothing else.
2. `orders` and `states`: a property is missing, or present and bad, or has a value. In every type of the language each value has a
   direct successor, as each version has. So a set of values is a row of bounds as in `VersionRange`, and union, intersection and
   emptiness are exact.
3. `variables`, `calls`, `atoms`: what is compared is a constant, or a variable: a property, or a function of properties. Equal
   calls are one variable. `??` and `?:` become cases. A comparison with a constant becomes three sets of states, one for each
   result.
4. `demands` turns "this condition has one of these results" into a formula (`formulas`) without negation, for Kleene's logic says
   for each operator what its operands must be.
5. `search` looks for sets of states that satisfy the formula: it narrows until nothing changes, then tries alternatives.
   `relations` (orders between properties) and `functions` (texts, and functions of properties with few values left) refute what
   single sets do not show.

A budget of steps bounds the work on a policy; where it is used up, the answer is "undecided".
"""
