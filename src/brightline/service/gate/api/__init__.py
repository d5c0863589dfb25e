"""The API: what the pages do, for programs. Each operation checks what came, takes a step of the gate, and shows the result."""
