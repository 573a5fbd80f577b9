from interlingua.backends.lowering import Lowerings
TABLE = Lowerings()
