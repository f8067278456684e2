"""Charts with exact answers: bars, lines, pies, points, and the curves of textbooks."""
