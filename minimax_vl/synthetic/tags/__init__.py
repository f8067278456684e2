"""Labels on parcels, shelves, food, medicine, machines, clothes, bottles and folders."""
