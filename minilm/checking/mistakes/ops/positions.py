"""Known mistakes of ops.positions."""

from minilm.checking.mistakes.mistake import one

TABLE = "ops.positions:table"
ANGLE = "position / 10000.0 ** (column // 2 * 2 / width)"
ALTERNATE = "np.where(column % 2 == 0, np.sin(angle), np.cos(angle))"


def mistakes():
    return [
        one(TABLE, "the exponent counts twice", "2i is 0, 2, 4 ... already and is multiplied by two once more.", ANGLE, "position / 10000.0 ** (column // 2 * 4 / width)"),
        one(TABLE, "the exponent counts each column", "The cosine has an angle of its own, i / D, where it should have its sine's.", ANGLE, "position / 10000.0 ** (column / width)"),
        one(TABLE, "the exponent counts by half", "i / D in place of 2i / D.", ANGLE, "position / 10000.0 ** (column // 2 / width)"),
        one(TABLE, "the halves are side by side", "All sines, then all cosines, as tensor2tensor has them; the paper's alternate.",
            ANGLE, "position / 10000.0 ** (column % ((width + 1) // 2) * 2 / width)", (ALTERNATE, "np.where(column < (width + 1) // 2, np.sin(angle), np.cos(angle))")),
        one(TABLE, "sine and cosine are each in the other's place", "The cosine comes first.", ALTERNATE, "np.where(column % 2 == 1, np.sin(angle), np.cos(angle))"),
        one(TABLE, "the positions count from 1", "The first word stands at 1.", "np.arange(first, first + length)", "np.arange(first + 1, first + length + 1)"),
        one(TABLE, "the base is 1000", "A zero is missing.", "10000.0 **", "1000.0 **"),
        one(TABLE, "the positions are forgotten", "Nothing is added: the model cannot tell the order of the words.", ".astype(dtype)", ".astype(dtype) * 0"),
    ]  # fmt: skip
