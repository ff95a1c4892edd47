"""Simulations of what the methods claim: coverage of limits, false alarms, calibration. Run by `make simulate`."""
