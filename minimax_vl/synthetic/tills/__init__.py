"""Till receipts as shops of many countries print them: head, goods, totals, tender, farewell."""
