"""Office papers in small print: government forms with typed answers, station invoices with grids of labelled cells."""
