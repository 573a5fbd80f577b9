"""Several ops made one. Everything here is of the contract ``rounding``: equal over the reals, on finite values."""
