"""The OpenAI-compatible server: what requests may say, how images come in, how answers go out."""
