"""Operations: one formula a file, forward and beneath it the derivative."""
