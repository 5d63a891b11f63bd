"""End-to-end tests: the real binary, on data and models of the real Python stack."""
