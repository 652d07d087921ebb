"""What all parts of the venue use: clock, number formats, parameters, limits, signatures, faults and refusals."""
