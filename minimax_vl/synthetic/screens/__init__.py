"""Screens: telephones, desktops, web pages, terminals, editors and machines, with what people ask about them."""
