"""Is there any way through a norm; does a reform close it; do two laws differ: with witnesses and proofs.

`setting` makes the norms for one agency and act into formulas; `smt` (z3) and `table` (truth tables) answer
questions about formulas; `ways` lists all smallest ways in which one comes true; `loopholes`, `closed`, `differ`
and `check` are the questions that people ask.
"""
