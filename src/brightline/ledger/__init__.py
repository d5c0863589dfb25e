"""A record that nobody can rewrite unnoticed, and that can still forget. It knows nothing of law, and stands by itself."""

from brightline.ledger.entry import Disclosure
from brightline.ledger.errors import LedgerError
from brightline.ledger.ledger import Ledger
from brightline.ledger.receipt import Receipt
from brightline.ledger.verify import verify

__all__ = ["Disclosure", "Ledger", "LedgerError", "Receipt", "verify"]
