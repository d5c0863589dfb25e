"""What happened, in the ledger: every step is written in the transaction of its rows, and durable before the answer."""
