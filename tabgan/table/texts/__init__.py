"""Free text as numbers and back: tokens, what is learnt of lengths, and the guard against copies."""
