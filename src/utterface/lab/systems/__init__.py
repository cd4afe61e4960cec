"""The works that this lab reproduces, one file each, reading like the paper."""
