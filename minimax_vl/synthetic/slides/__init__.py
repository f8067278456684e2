"""Slides of talks, and notices that are set like them: posters, menus, opening hours, timetables, badges, cards."""
