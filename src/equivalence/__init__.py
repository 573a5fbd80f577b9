"""The third door: does an artifact compute what its source computes?"""
