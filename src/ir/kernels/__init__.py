"""Reference kernels: what each op computes, in NumPy alone.

A kernel takes the operands in order (``None`` for an absent optional one) and the attributes by keyword, and gives an
array or a tuple of arrays. The interpreter runs it in the native dtype and, as the oracle, in float64; the NumPy
backend hands its very source to the user. Therefore:

* a kernel module imports ``numpy as np``, ``math`` and ``Array`` alone, and has no module-level state;
* a kernel calls ``np``, ``math`` and other functions of this package alone (names are unique across the package);
* the result's dtype is the operands', computed no worse than NumPy would in that dtype: what NumPy would accumulate in
  float16 is accumulated in float32 and rounded once;
* no warning escapes: overflow and invalid operations give inf and NaN silently.
"""
