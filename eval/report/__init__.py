"""What a run comes to, for people and for programs: text, Markdown, JSON and one HTML file."""
